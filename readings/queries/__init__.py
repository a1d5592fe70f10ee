"""Queries: everything that counts or lists stored rows, and nothing that writes."""
