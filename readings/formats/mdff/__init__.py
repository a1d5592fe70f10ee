"""Australian meter data files (MDFF): the shared file format, and a module for each version."""
