"""The engine from source: the CLI's Go module at a locked version, verified against ``module/go.sum``."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from mlstack.engine.install import golang
from mlstack.engine.install.found import VERSION, executable
from mlstack.engine.install.stream import Unobtainable, stream

MODULE = Path(__file__).parent / "module"
"""Our own Go module: it requires the CLI, restates its replacements and locks what both need."""

COMMAND = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"

_STAMP = f"-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{VERSION}"
_FLAGS = ["-mod=readonly", "-trimpath", "-buildvcs=false", "-tags=osusergo,grpcnotrace"]
_SILENCE = 900.0  # seconds without a line; one large package takes long on a small machine
_TRIES = 3  # some hundred modules are fetched, and what came is kept from one try to the next

Progress = Callable[[str], None]


def build(stage: Path, progress: Progress) -> None:
    """Leave ``bin/pulumi`` below ``stage``, or raise Unobtainable. Takes minutes, and says how far it is.

    With the user's own Go, its caches are used. A toolchain that had to be fetched works in ``stage``
    and leaves nothing behind.
    """
    least = required_go()
    env = golang.environment()
    workshop = stage / "go"
    go = golang.on_path(least)
    if go is None:
        go = golang.fetch(least, workshop / "toolchain", progress)
        # Without -modcacherw the modules are read-only, and the workshop could not be removed.
        own = {"GOPATH": "path", "GOMODCACHE": "path/pkg/mod", "GOCACHE": "cache"}
        env |= {name: str(workshop / folder) for name, folder in own.items()} | {"GOFLAGS": "-modcacherw"}
    progress(f"building Pulumi v{VERSION} from source, once; this takes some minutes")
    packages = _download(go, env, progress)
    target = executable(stage)
    target.parent.mkdir(exist_ok=True)
    _compile(go, env, target, packages, progress)
    shutil.rmtree(workshop, ignore_errors=True)


def required_go() -> golang.Numbers:
    """The oldest Go that builds the module, from the ``go`` line of its go.mod."""
    said = re.search(r"^go (\d+)\.(\d+)\.(\d+)$", (MODULE / "go.mod").read_text(encoding="utf-8"), re.M)
    assert said is not None
    return tuple(int(part) for part in said.groups())


def _download(go: Path, env: Mapping[str, str], progress: Progress) -> int:
    """Fetch every module that the build needs; the number of packages there are to compile."""
    modules: set[str] = set()
    packages: set[str] = set()

    def line(text: str) -> None:
        if text.startswith("go: downloading "):
            modules.add(text)
        elif not text.startswith("go: "):
            packages.add(text)

    for left in reversed(range(_TRIES)):
        packages.clear()
        try:
            _go(
                [go, "list", *_FLAGS, "-deps", COMMAND],
                env,
                line,
                lambda seconds: progress(f"{len(modules)} modules downloaded ({seconds} s)"),
            )
        except Unobtainable as failure:
            if not left:
                raise
            progress(f"fetching the modules again: {failure}")
        else:
            break
    return len(packages)


def _compile(go: Path, env: Mapping[str, str], target: Path, packages: int, progress: Progress) -> None:
    compiled: set[str] = set()
    _go(
        [go, "build", "-v", *_FLAGS, f"-ldflags=-s -w {_STAMP}", "-o", target, COMMAND],
        env,
        compiled.add,
        lambda seconds: progress(f"{len(compiled)} of {packages} packages compiled ({seconds} s)"),
    )


def _go(
    command: Sequence[str | Path],
    env: Mapping[str, str],
    line: Callable[[str], None],
    beat: Callable[[int], None],
) -> None:
    stream(
        command,
        env=env,
        cwd=MODULE,
        line=line,
        beat=beat,
        give_up=lambda seconds, silence: (
            f"`go {command[1]}` said nothing for {silence:.0f} s" if silence > _SILENCE else None
        ),
    )
