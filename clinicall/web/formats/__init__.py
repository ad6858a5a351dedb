"""How dates and times are written, by language. Where a language is missing here, Django's own count."""
