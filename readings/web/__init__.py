"""The web pages: each parses a request, queries the store, and renders the answer."""
