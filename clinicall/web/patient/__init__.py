"""The patient's pages: find a doctor, choose a time, give details, pay, come to the call."""
