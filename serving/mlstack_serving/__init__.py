"""The serving runtime of mlstack: one server that speaks every target's contract."""
