"""The REST API: parse, one call, print."""
