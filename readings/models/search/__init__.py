"""Tables that only the search needs."""
