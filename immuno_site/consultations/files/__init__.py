"""A patient's file on its way to the store and back. Knows no database."""
