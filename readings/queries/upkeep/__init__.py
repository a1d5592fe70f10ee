"""What operators ask of the store: do its counts agree, is all put away, is it there and migrated."""
