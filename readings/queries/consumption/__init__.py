"""Consumption per half hour of consumers and NMIs: exact totals, profiles, gaps."""
