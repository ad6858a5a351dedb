"""The clock edge: periodic work and commands."""
