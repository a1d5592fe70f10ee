"""The search: a page, its list, and pasted lists with an address."""
