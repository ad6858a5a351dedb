"""Words without a domain: refusals, money, ids, the clock. No Django models."""
