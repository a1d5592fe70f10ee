"""The page of one meter point in words, tables and figures."""
