"""Tables of the MDFF specification and the NMI procedure: fields, codes, labels, identifiers."""
