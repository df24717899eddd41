"""Looks whether sources still say what was read in them. The only part of the library that opens the outside world."""
