"""Money in our words, and the companies that move it."""
