"""Time of every page that people open, in a store of any size."""
