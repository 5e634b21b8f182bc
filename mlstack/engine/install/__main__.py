"""``python -m mlstack.engine.install``: make sure of an engine, and say where it is."""

from __future__ import annotations

import signal
import sys

from mlstack.engine.install import Engine, ensure_engine
from mlstack.errors import MlstackError
from mlstack.obtain.shown import shown

ORIGINS = {
    "path": "found on PATH",
    "cache": "found in the cache",
    "installer": "installed now",
    "build": "built now",
}


def main() -> int:
    # An exit, and not an end: what was started to obtain the engine is ended with it.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        with shown("engine") as progress:
            engine = ensure_engine(progress)
    except MlstackError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    print(describe(engine))
    return 0


def describe(engine: Engine) -> str:
    return f"engine: Pulumi v{engine.version} at {engine.path} ({ORIGINS[engine.origin]})"


if __name__ == "__main__":
    sys.exit(main())
