"""Who: clinics, users, doctors, patients, and signing in."""
