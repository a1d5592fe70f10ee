"""What is missing: time without a value by month, and meter points that stopped sending."""
