"""Crowds on a whole live site, measured: `python -m tests.load` (or `make load`)."""
