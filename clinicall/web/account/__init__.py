"""A person's own account: how they sign in, where they are signed in, and what we call them."""
