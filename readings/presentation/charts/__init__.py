"""Charts: series of values as shapes and tables."""
