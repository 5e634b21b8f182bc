"""What no API of a cluster has: values that the stack keeps, and locks of packages."""
