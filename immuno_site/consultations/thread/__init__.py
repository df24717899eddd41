"""Messages inside a request: what patient and staff write to each other, one file per concept."""
