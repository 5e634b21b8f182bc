"""What nothing refers to any more, found and removed: runs, models, environments, runtimes, fetched data."""

from mlstack_local.collection.collect import collect

__all__ = ["collect"]
