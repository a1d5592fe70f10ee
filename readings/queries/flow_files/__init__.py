"""What belongs to a flow file: its problems by code, and the files that correct it."""
