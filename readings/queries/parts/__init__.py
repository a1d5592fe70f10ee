"""Search for parts of identifiers, serial numbers and file names, by indexes."""
