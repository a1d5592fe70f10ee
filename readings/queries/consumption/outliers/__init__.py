"""Meter points whose use on one day is unlike that of their other days."""
