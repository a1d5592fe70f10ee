"""The law of the store: which statements count.

The answer depends only on the set of statements, never on their order of arrival, the door or the database. Each
function here judges the statements of one group, new and stored alike, from scratch.
"""
