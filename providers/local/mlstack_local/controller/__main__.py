"""``python -m mlstack_local.controller FOLDER``: look after the endpoint of that folder until SIGTERM.

SIGTERM ends it at once: whoever sends it may hold a lock that a step waits for.
"""

from __future__ import annotations

import sys
from pathlib import Path

from mlstack_local.controller.loop import Controller


def main(folder: str) -> None:
    Controller(Path(folder)).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
