"""Settings, and the one list of addresses."""
