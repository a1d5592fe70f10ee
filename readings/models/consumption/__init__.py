"""Sums of the consumption that counts: of each meter point per month, and of each group of meter points per day.

They are derived from the interval days and can be computed again at any time (`readings.imports.summing`), so that no
page has to read all days. An import only notes which of them are stale.
"""
