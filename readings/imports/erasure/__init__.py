"""Erasure of a meter point on request: its rows, its lines in stored files, and later statements about it."""
