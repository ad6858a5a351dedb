"""What changes while one looks: openings and the call's signalling."""
