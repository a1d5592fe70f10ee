"""Data Item Catalogue and Domains: items, valid sets, labels, identifiers, clock time."""
