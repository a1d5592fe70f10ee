"""Answers with the values of the charts of a page."""
