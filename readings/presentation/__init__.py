"""How stored things are written: cells, words, links, CSV."""
