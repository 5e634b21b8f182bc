"""A provider that imports Pulumi before anybody wants to build anything."""

from __future__ import annotations

import pulumi  # noqa: F401
from mlstack_folder import Folder


class Eager(Folder):
    name = "eager"
