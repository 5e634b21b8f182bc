"""A job of the spec as a custom job of Vertex AI: what it is made of, its body, its runs and their logs."""
