from providers.gcp.tests.kinds.lower import lower, refusals, root

__all__ = ["lower", "refusals", "root"]
