from providers.aws.tests.kinds.lower import lower, refusals, root

__all__ = ["lower", "refusals", "root"]
