"""What the tests of rehearsed stacks know of each cloud, from its own documentation: a module for each.

- ``KEPT``: pattern of an id -> a word of the reason for which the platform keeps it when it is deleted.
- ``BY_PLATFORM``: pattern of the ids of what the platform makes by itself, and nobody deletes.
- ``HOLDS``: whose values the emulated cloud keeps, as they can be read back from the real one.
- ``DEARER``: a machine of 16 cores, and what becomes of a pool whose machine will not do: it may be none.
- ``KEYED``: whether an endpoint has a key where the spec says nothing of it.
- ``HELD``: where a soft-deleted document is held, under its own id.
- ``EDITS``: one thing of each kind that can drift: the document, what somebody sets in it and where, and
  the resource that shows it. ``{endpoints[digits][id]}`` in it is what the stack puts out of that name.
- ``CALLS``: what somebody does that no document shows: by which call of the cloud's, what tells whether it is
  as it was, and the resource that shows it.
- ``DELETIONS``: what somebody deletes, with what is in it; and resources that have to come again.
- ``SMALL``: what a small spec begins with: a workspace and an identity that are there already, so that little
  else is made. ``IMAGE``: one that is there, and takes no build.
- ``EXISTING``: all of a spec that can name what is there already, of which nothing is made.
- ``SHARED``: pattern of the ids of what all stacks of an account have together.
- ``REGION``: where the tests' stacks are. ``PRELOADED``: modules that a command of this cloud imports,
  or functions that do.
- ``things``: id, kind, and whether somebody has made it (not the platform, not the seeding), of all that an
  emulated cloud holds; ``id``: that of a resource of a state, by its type and its id there. ``RANDOM``: what
  the platform makes up anew each time, behind a group that is kept. ``held``: all that tells of what
  ``EXISTING`` names, to compare.
- ``COMPARED``: what of a document is as it was when it is mended; the rest is the platform's account of it.
- ``BY_CONTENT``: as ``RANDOM``, of what is named by its content, where that is of what is deleted.
"""

from __future__ import annotations

import re
from importlib import import_module
from types import ModuleType
from typing import Any

#: The examples that a cloud takes as they are, or with an overlay.
EXAMPLES = {
    "azure": ("kitchen-sink", "digits", "blue-green", "batch"),
    "aws": ("kitchen-sink", "digits", "blue-green", "batch"),
    "gcp": ("kitchen-sink", "digits"),
}


def known(cloud: str) -> ModuleType:
    return import_module(f"{__name__}.{cloud}")


def small(cloud: str, name: str, **rest: Any) -> dict[str, Any]:
    """A spec with the rest, of which little else is made."""
    facts = known(cloud)
    return {"version": 1, "name": name, "cloud": cloud, "region": facts.REGION, **facts.SMALL, **rest}


def alike(cloud: str, text: str) -> str:
    """A text without what is another each time."""
    for pattern in known(cloud).RANDOM:
        text = re.sub(pattern, r"\1...", text)
    return text
