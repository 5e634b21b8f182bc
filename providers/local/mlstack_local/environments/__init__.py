"""Virtual environments made by uv from an exact lock, addressed by its content, shared by stacks."""

from mlstack_local.environments.faults import Fault, Listed
from mlstack_local.environments.listed import of_spec
from mlstack_local.environments.lock import Wanted, resolve, version
from mlstack_local.environments.record import Record, bare, ensure, forget, load, save
from mlstack_local.environments.requirements import of_serving
from mlstack_local.environments.setup import machine_wide
from mlstack_local.environments.store import (
    Recipe,
    collect,
    folder,
    hold,
    homes,
    is_complete,
    make,
    refer,
    release,
    remove,
    unused,
)

__all__ = [
    "Fault",
    "Listed",
    "Recipe",
    "Record",
    "Wanted",
    "bare",
    "collect",
    "ensure",
    "folder",
    "forget",
    "hold",
    "homes",
    "is_complete",
    "load",
    "machine_wide",
    "make",
    "of_serving",
    "of_spec",
    "refer",
    "release",
    "remove",
    "resolve",
    "save",
    "unused",
    "version",
]
