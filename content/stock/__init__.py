"""The library's files in and out."""
