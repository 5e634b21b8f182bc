"""Virtual environments made by uv from an exact lock, addressed by its content, shared by stacks."""

from mlstack_local.environments.lock import Wanted, resolve, version
from mlstack_local.environments.record import Record, bare, ensure, forget, load, save
from mlstack_local.environments.requirements import Unreadable, of_serving, parse
from mlstack_local.environments.store import collect, folder, is_complete, make, refer, release

__all__ = [
    "Record",
    "Unreadable",
    "Wanted",
    "bare",
    "collect",
    "ensure",
    "folder",
    "forget",
    "is_complete",
    "load",
    "make",
    "of_serving",
    "parse",
    "refer",
    "release",
    "resolve",
    "save",
    "version",
]
