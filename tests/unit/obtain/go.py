"""A script that stands for a Go of the user's: it writes down how it is called, and "compiles" a script."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

_GO = """#!{sh}
seen="flags=$GOFLAGS toolchain=$GOTOOLCHAIN os=$GOOS cgo=$CGO_ENABLED work=$GOWORK proxy=$GOPROXY"
echo "$1 $seen" >> "{log}"
case "$1" in
version) echo "go version go{version} linux/amd64" ;;
list)
    {list}
    [ "$3" != -m ] || {{ echo "{module}"; exit; }}
    echo "go: downloading example.org/one v1.0.0" >&2
    echo example.org/one
    echo example.org/two ;;
mod)
    echo "go: downloading $4" >&2
    echo '{{"Dir": "{module}", "Sum": "h1:sum"}}' ;;
build)
    {build}
    echo example.org/one >&2
    while [ "$1" != -o ]; do shift; done
    printf '#!/bin/sh\\necho {says}\\n' > "$2"
    {chmod} +x "$2" ;;
esac
"""


def install_go(
    folder: Path,
    *,
    version: str = "1.99.0",
    list_: str = ":",
    build_: str = ":",
    says: str = "built",
    module: Path = Path("/nowhere"),
) -> Path:
    """Put it into ``folder``; the file that lists its calls. ``list_`` and ``build_`` run before it does its
    part, ``says`` is what each program that it builds will say, ``module`` the folder of every module."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "calls"
    (folder / "go").write_text(
        _GO.format(
            sh=shutil.which("sh", path=os.defpath),
            chmod=shutil.which("chmod", path=os.defpath),
            log=log,
            version=version,
            list=list_,
            build=build_,
            says=says,
            module=module,
        ),
        encoding="utf-8",
    )
    (folder / "go").chmod(0o755)
    return log


def calls(log: Path) -> list[str]:
    """The first word of each call."""
    return [line.split()[0] for line in log.read_text(encoding="utf-8").splitlines()]
