"""Wire models, one module a resource. Pydantic stops here: use-cases get and give plain values."""
