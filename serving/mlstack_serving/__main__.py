"""``python -m mlstack_serving``: read the settings, serve, end with the documented exit code."""

from __future__ import annotations

import os
import sys

from mlstack_serving.config import read
from mlstack_serving.errors import StartError
from mlstack_serving.server import report, serve


def main() -> int:
    try:
        return serve(read(sys.argv[1:], os.environ))
    except StartError as error:
        return report(error)


if __name__ == "__main__":
    sys.exit(main())
