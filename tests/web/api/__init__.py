"""The HTTP API, as another program calls it."""
