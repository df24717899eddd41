"""What the web sees of the library: pages, open data, structured data, sitemaps."""
