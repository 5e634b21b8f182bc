"""Which address stands for Google's: its own, one of the user's (a proxy), or the emulated cloud's.

Google has a host for each service; an address that stands in for it has all of them at one host, by the same
paths, as no two of the services in use have a path in common.
"""

from __future__ import annotations

import os

from mlstack import door

#: Another address for every service of Google's.
URL = "MLSTACK_GCP_URL"


def emulated() -> bool:
    """Whether this is a rehearsal, where nobody looks at credentials."""
    return door.url() is not None


def instead() -> str | None:
    """The address that stands in for Google's hosts, without a slash at its end; None: Google's own."""
    found = door.url() or os.environ.get(URL)
    return found.rstrip("/") if found else None


def anonymous() -> bool:
    """Whether nobody is to be told who we are: in a rehearsal, and where a token would travel in clear."""
    found = instead()
    return emulated() or (found is not None and found.startswith("http://"))


def address(service: str, location: str | None = None) -> str:
    """The address of a service ("aiplatform"), in a region where it has one address for each.

    With its scheme, without a slash at its end.
    """
    host = f"{location}-{service}" if location else service
    return instead() or f"https://{host}.googleapis.com"
