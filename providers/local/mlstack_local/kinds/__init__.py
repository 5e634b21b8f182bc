"""The builders of the local target, one file a kind. They run in the user's program."""
