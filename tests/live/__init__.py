"""A whole site as an operator runs it, the services it leans on, and the people who use it over HTTP."""
