"""Proof that the figures that Meterbox shows are those of the raw files."""
