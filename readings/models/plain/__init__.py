"""Rows written and looked up without the ORM's compiler, where each file that arrives pays for it."""
