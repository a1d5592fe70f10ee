"""The Data Item Catalogue and its Domains: items, valid sets, labels, identifiers, clock time."""
