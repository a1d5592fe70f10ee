"""Proofs: thousands of drawn cases, compared with slow models. They are run by command, for a claim."""
