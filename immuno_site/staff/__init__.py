"""The admin as the people who work here meet it: by the work that waits, not by Django's apps."""
