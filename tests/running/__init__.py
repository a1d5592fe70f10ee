"""Processes, databases, browsers and servers that run the program for a test."""
