"""Who signs what, and what a page may say of its review."""
