"""British flows: the user file format, and a module for each flow."""
