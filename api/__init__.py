"""The application: HTTP, CLI, worker, web pages, use-cases, composition, records. It alone knows all packages."""
