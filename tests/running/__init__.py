"""What runs the program for a test: processes, databases, browsers, servers."""
