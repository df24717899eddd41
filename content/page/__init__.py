"""A page put together: what it tells, its tables, its sources."""
