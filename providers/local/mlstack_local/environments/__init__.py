"""Virtual environments made by uv from an exact lock, addressed by its content, shared by stacks."""

from mlstack.lowering.locks import Fault, Listed, Wanted, here, of_serving, of_spec, resolve, version
from mlstack_local.environments.record import Record, bare, ensure, forget, load, save
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
    "here",
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
