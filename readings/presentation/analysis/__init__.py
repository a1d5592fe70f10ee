"""Charts and words of the pages for analysts."""
