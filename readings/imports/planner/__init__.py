"""The planner of the database, which chooses how a query is answered from statistics of the tables."""
