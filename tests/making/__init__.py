"""What makes the contents of files for tests."""
