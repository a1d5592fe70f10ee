"""The web pages: each parses what is asked for, makes its calls, and answers."""
