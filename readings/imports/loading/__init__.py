"""Rows into tables, set by set, compared with what is stored."""
