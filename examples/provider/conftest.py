"""Lets the tests here run without an installation: the provider counts as installed."""

import atexit
from contextlib import ExitStack
from pathlib import Path

from mlstack.testing import discoverable

_installed = ExitStack()
_installed.enter_context(discoverable(Path(__file__).parent))
atexit.register(_installed.close)
