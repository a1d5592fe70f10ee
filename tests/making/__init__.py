"""Functions that make file contents for tests."""
