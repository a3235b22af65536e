"""Tables, queries, the unit of work and migrations."""
