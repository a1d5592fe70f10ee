"""What flow files say: bytes become batches of statements and problems. Needs only the standard library."""
