"""Where the emulated cloud of a rehearsal listens, for whatever talks to a cloud over HTTP.

The engine reaches an emulated cloud by its own protocol; our plugin and the runtimes reach the same one by
the cloud's REST interface, at the address in this variable. Without it they talk to the real cloud.
"""

from __future__ import annotations

import os

VARIABLE = "MLSTACK_REHEARSAL_URL"


def url() -> str | None:
    """The emulated cloud's address (``http://127.0.0.1:PORT``); None outside a rehearsal."""
    return os.environ.get(VARIABLE) or None
