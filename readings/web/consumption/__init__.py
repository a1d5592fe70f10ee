"""Pages of consumption per half hour."""
