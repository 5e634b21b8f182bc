"""One file a kind of the spec: what becomes of it in a cluster."""
