"""Pages for analysts: load, completeness, outliers."""
