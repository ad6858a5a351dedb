"""Django's PostgreSQL, where looking whether a connection still stands costs no question."""
