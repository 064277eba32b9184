"""What goes over the wire, one module per resource. Pydantic stops here: use-cases get frozen dataclasses."""
