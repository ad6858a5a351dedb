"""Room passes: who may speak on which channel, until when."""
