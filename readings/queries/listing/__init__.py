"""Lists: which rows the filters select, and their pages by key."""
