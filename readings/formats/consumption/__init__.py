"""Half-hourly consumption: comma-separated rows under a line of column names."""
