"""The start page, the light of the watcher, and the inbox."""
