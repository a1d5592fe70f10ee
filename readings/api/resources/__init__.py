"""The resources of the API, one module each: parse, one call, print."""
