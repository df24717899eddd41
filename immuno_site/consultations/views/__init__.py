"""The private room's pages, one file for each errand."""
