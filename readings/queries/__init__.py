"""What may be asked of the store: everything that counts or lists, and nothing that writes."""
