"""Australian meter data files (MDFF): the grammar that both versions share, and a module for each."""
