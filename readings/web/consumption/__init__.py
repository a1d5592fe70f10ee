"""The pages of consumption by half hours."""
