"""Loading: inserts rows in sets, and compares them with the stored ones."""
