"""Pages of flow files: a file with its problems, downloads, and uploads."""
