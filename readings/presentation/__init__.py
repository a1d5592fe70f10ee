"""Presentation of stored rows: cells, words, links, CSV."""
