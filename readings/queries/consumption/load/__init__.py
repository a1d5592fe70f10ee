"""The load of many meter points together: half hours in order of size, and peaks."""
