"""From what a user asks for in packages to an exact lock, resolved by uv on this machine."""

from mlstack.lowering.locks.faults import Fault, Listed
from mlstack.lowering.locks.listed import of_spec
from mlstack.lowering.locks.lock import Wanted, here, linux, packages, resolve, version
from mlstack.lowering.locks.requirements import of_serving

__all__ = [
    "Fault",
    "Listed",
    "Wanted",
    "here",
    "linux",
    "of_serving",
    "of_spec",
    "packages",
    "resolve",
    "version",
]
