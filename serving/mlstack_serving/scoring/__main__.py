"""``python -m mlstack_serving.scoring``: score, end with the documented exit code."""

from __future__ import annotations

import os
import sys

from mlstack_serving.errors import StartError
from mlstack_serving.scoring.run import score
from mlstack_serving.scoring.settings import read


def main() -> int:
    try:
        score(read(sys.argv[1:], os.environ))
    except StartError as error:
        print(f"mlstack_serving: {error}", file=sys.stderr, flush=True)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
