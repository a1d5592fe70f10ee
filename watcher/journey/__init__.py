"""The loop of the daemon, and the way of one file from the inbox to its place."""
