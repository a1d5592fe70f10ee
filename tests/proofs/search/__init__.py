"""Proof that a search is fast in a large store."""
