"""The only way into the store: `operations.import_flow` stores a content completely, or rejects it."""
