"""A flow file in words: its header, its problems by code, and a text for its sender."""
