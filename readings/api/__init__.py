"""The REST API: its frame; `resources` has the operations."""
