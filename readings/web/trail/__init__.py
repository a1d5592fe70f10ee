"""The trail: entries that pages write, and the page that lists all entries."""
