"""What a person may ask of us about what we keep of them: a copy of it, its erasure, and its end in time."""
