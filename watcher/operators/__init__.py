"""Answers to an operator: status, audit, retry, pruning."""
