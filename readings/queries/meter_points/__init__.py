"""One meter point: its registers, their latest statements, and one series of use across all of them."""
