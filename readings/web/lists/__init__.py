"""Lists of what is stored, each described in a module of its own."""
