"""British flows: the grammar of a user file, and a module for each flow."""
