"""`mlstack eject`: a stack's state, written as the plain Pulumi program that has the same resources."""

from mlstack.eject.folder import Ejected, write

__all__ = ["Ejected", "write"]
