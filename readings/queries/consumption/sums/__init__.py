"""Queries of the stored sums: amounts over time, groups, and the list of consumers and NMIs."""
