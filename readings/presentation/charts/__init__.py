"""Numbers into shapes."""
