"""The loop of the daemon, and the journey of one file from the inbox to its place."""
