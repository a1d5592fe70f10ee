"""Checks of the store for operators: counts, archived files, database and migrations."""
