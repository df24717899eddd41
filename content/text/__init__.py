"""Words alone: Markdown, reading level, spelling. Knows no database."""
