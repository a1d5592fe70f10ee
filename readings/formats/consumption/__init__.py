"""Half-hourly consumption: rows of comma-separated values under one line of names."""
