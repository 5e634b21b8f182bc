"""What runs in pods: each file by itself, with nothing but Python."""
