"""The generated pages of the docs, one module each."""
