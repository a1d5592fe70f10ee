"""The only way into the store: `operations.import_flow` stores a content whole, or says why not."""
