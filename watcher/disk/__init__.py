"""Folders and files: scan them, and move files so that a power cut loses nothing."""
