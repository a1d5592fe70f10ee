"""Consumption by half hours, of consumers and NMIs alike: exact totals, profiles, gaps."""
