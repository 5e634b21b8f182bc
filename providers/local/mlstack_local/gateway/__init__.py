"""The one door of an endpoint: checks the key, splits the traffic, hands requests to workers."""
