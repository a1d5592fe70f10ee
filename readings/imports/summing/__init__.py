"""Sums of the consumption that counts, brought up to date after imports."""
