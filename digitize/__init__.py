"""Paper in, searchable PDF/A, text and fields out. Knows nothing of HTTP, settings, vault or signatures."""
