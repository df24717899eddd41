"""Costs of serving, measured: `python -m tests.bench` (or `make bench`)."""
