"""What a stack's machines cost by list prices: a sum with its limits told, and no more than that."""

from mlstack.cost.estimate import HOURS, Cost, Item, estimate

__all__ = ["HOURS", "Cost", "Item", "estimate"]
