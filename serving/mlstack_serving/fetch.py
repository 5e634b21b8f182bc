"""Models, and code, that are elsewhere, brought to a local folder before they are loaded."""

from __future__ import annotations

import tempfile
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from mlstack_serving.errors import LoadError

#: The package that fsspec needs for a scheme.
_PACKAGES = {"gs": "gcsfs", "gcs": "gcsfs", "s3": "s3fs", "abfs": "adlfs", "abfss": "adlfs", "az": "adlfs"}


def is_uri(model: str) -> bool:
    return "://" in model


def local(uri: str) -> Path:
    """A folder (or file) with what is at ``uri``; of ``file://`` the place itself."""
    scheme, _, rest = uri.partition("://")
    if scheme == "file":
        return Path(rest)
    if not find_spec("fsspec"):
        package = _PACKAGES.get(scheme)
        also = f" and {package}" if package else ""
        raise LoadError(f"fetching {uri} needs the package fsspec{also}: add it to the environment")
    try:
        system, path = import_module("fsspec").core.url_to_fs(uri)
    except (ImportError, ValueError) as error:
        raise LoadError(
            f"fetching {uri} needs the package {_PACKAGES.get(scheme, 'for ' + scheme)}: {error}"
        ) from None
    folder = Path(tempfile.mkdtemp(prefix="mlstack-model-"))
    target: Path = folder / path.rstrip("/").rpartition("/")[2]
    try:
        if system.isfile(path):
            system.get_file(path, str(target))
        else:
            system.get(path.rstrip("/") + "/", str(target), recursive=True)
    except FileNotFoundError:
        raise LoadError(f"there is nothing at {uri}: check --model, or --code") from None
    if not target.exists():
        raise LoadError(f"there is nothing at {uri}: check --model, or --code")
    return target
