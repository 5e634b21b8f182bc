"""Where fetched versions are: in mlstack's cache, shared by all stacks of the user.

<cache>/data/<scheme>/<hash of the URI>/
    uri                    the URI, for people
    .lock                  held while one of its versions is fetched or removed
    <version>/             the files; of a single file, a folder with that file
    <version>.json         written last: what was fetched, with sizes
    refs/<stack uid>.<name>.json     who refers to which versions
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from mlstack.paths import cache_dir
from mlstack_local.remote.uris import is_remote, scheme_of


def home() -> Path:
    return cache_dir() / "data"


def folder_of(uri: str) -> Path:
    """The folder of all versions of a canonical URI."""
    return home() / scheme_of(uri) / hashlib.sha256(uri.encode()).hexdigest()[:16]


def version_folder(uri: str, version: str) -> Path:
    name = quote(version, safe="")
    return folder_of(uri) / (name if name.strip(".") else f"%2E{name[1:]}")


def manifest_of(uri: str, version: str) -> Path:
    folder = version_folder(uri, version)
    return folder.with_name(f"{folder.name}.json")


def local_path(uri: str, version: str) -> Path:
    """Where a version of a canonical URI is, or will be: a folder, or a file under its own name."""
    folder = version_folder(uri, version)
    return folder if uri.endswith("/") else folder / file_name(uri)


def file_name(uri: str) -> str:
    """The name of a single file."""
    name = re.sub(r"[/\0]", "_", unquote(urlsplit(uri).path.rpartition("/")[2]))
    return name if name.strip(".") else "data"


def where(root: Path, uri: str, version: str | None) -> Path:
    """The path on this machine of a ``uri`` of some output: of the spec's folder, or of the cache."""
    return local_path(uri, str(version)) if is_remote(uri) else root / uri
