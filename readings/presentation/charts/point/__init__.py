"""Figures of one meter point."""
