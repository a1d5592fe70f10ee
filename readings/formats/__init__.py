"""Parsers that turn flow files into batches of statements and problems. Needs only the standard library."""
