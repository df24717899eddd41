"""Faults injected into a live site, one after the other, and what held: `python -m tests.faults` (or `make faults`)."""
