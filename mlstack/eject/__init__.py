"""`mlstack eject`: a stack's program, written as the plain Pulumi program that makes the same resources."""

from mlstack.eject.folder import Ejected, check, write
from mlstack.eject.record import record

__all__ = ["Ejected", "check", "record", "write"]
