"""Folders and files, and nothing else: what lies where, and how it is moved so that a power cut loses nothing."""
