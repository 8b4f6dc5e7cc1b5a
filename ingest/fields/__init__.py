"""How single fields are read: scalars, usage, failures, content; shared by the adapters."""
