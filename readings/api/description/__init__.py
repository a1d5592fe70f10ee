"""The description of the API for people: what its words mean, examples of answers, and the page that shows it."""
