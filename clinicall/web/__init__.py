"""The page edge, for patients and doctors."""
