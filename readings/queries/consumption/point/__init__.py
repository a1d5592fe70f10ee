"""Consumption of one meter point: its life from stored sums, and the intervals of a bounded window of days."""
