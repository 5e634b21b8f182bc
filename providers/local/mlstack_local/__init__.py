"""The local target: environments, jobs, models and endpoints on this machine."""
