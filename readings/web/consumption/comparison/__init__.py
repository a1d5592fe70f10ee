"""Comparison of tariffs, of areas, or of two periods."""
