"""Write the generated pages of the docs: `make docs`. With --check, say which are stale (exit 1).

Each page is a function of `reference/` that returns the whole text; what it says comes from the classes,
tables and commands themselves, so that nothing here is typed twice.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

# What commands take for the width of the terminal would otherwise show in the page.
os.environ |= {"COLUMNS": "100", "TERM": "dumb", "NO_COLOR": "1"}

from reference import cli, errors, plans, spec, support

from mlstack.registry import installed, provider

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "reference"
PAGES: dict[str, Callable[[], str]] = {
    "spec.md": spec.page,
    "cli.md": cli.page,
    "errors.md": errors.page,
    "support.md": support.overview,
    **{f"support/{name}.md": partial(support.page, name) for name in sorted(installed())},
    "plans.md": plans.page,
}
NOTICE = "<!-- Written by `make docs`; what is changed here by hand is lost. -->\n\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a page is stale")
    parser.add_argument(
        "--counts", action="store_true", help="write nothing; print as JSON who supports how much"
    )
    parser.add_argument("--list", action="store_true", help="write nothing; print the names of the pages")
    parser.add_argument("pages", nargs="*", metavar="PAGE", default=[*PAGES], help="these, not all")
    given = parser.parse_args()
    if given.counts:
        print(json.dumps({name: support.counts(provider(name)) for name in sorted(installed())}, indent=2))
        return 0
    if given.list:
        print(*PAGES, sep="\n")
        return 0
    check = given.check
    stale = []
    for name in given.pages:
        file, text = FOLDER / name, NOTICE + PAGES[name]()
        if file.is_file() and file.read_text() == text:
            continue
        stale.append(file.relative_to(ROOT).as_posix())
        if not check:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    for file in stale:
        print(f"{file} is stale: run `make docs`" if check else f"wrote {file}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
