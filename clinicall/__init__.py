"""Clinicall: a self-hosted appointment book and video clinic."""
