"""What must be kept, and how: sealed fields, idempotency."""
