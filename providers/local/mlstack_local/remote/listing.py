"""What is at a URI: names, sizes, and what tells one content from another."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from mlstack.errors import TargetError
from mlstack_local.remote import filesystem
from mlstack_local.remote.failures import attempt
from mlstack_local.remote.places import file_name
from mlstack_local.remote.uris import redacted

_MD5 = re.compile(r"[0-9a-f]{32}")
#: What tells a file's content from another, the most telling first.
_MARKS = ("etag", "digest", "blob_id", "generation", "last-modified", "lastmodified", "last_modified")


@dataclass(frozen=True)
class Entry:
    """``name`` relative to the URI, ``path`` the file system's own; ``mark`` changes with the content."""

    name: str
    path: str
    size: int | None
    mark: str | None
    md5: str | None


@dataclass(frozen=True)
class Listing:
    uri: str
    entries: tuple[Entry, ...]

    @property
    def version(self) -> str | None:
        """12 hex digits over names, sizes and marks; None where something has no mark."""
        total = hashlib.sha256()
        for entry in self.entries:
            if entry.mark is None:
                return None
            total.update(f"{entry.name}\0{entry.size}\0{entry.mark}\n".encode())
        return total.hexdigest()[:12]

    @property
    def size(self) -> int:
        return sum(entry.size or 0 for entry in self.entries)


def listing(uri: str) -> Listing:
    """What is at a canonical URI, sorted by name. Raises TargetError."""
    return attempt(uri, lambda: _listing(uri))


def _listing(uri: str) -> Listing:
    fs, path = filesystem.opened(uri)
    if not uri.endswith("/"):
        info = fs.info(path)
        if info.get("type") == "directory":
            raise TargetError(
                f"{redacted(uri)} is a folder",
                code="remote-missing",
                category="user",
                remedy="end the path with a slash, or say type: folder",
            )
        return Listing(uri, (_entry(file_name(uri), path, info),))
    base = path.rstrip("/") + "/"
    found = fs.find(base, detail=True)
    entries = []
    for file, info in sorted(found.items()):
        name = unquote(file).removeprefix(unquote(base))
        if file.endswith("/") or not name:  # a marker of a folder
            continue
        if info.get("size") is None or _mark(info) is None:
            info = {**info, **fs.info(file)}
        entries.append(_entry(_safe(uri, name), file, info))
    if not entries:
        raise FileNotFoundError(uri)
    _no_clash(uri, [entry.name for entry in entries])
    return Listing(uri, tuple(entries))


def _entry(name: str, path: str, info: Mapping[str, Any]) -> Entry:
    size = info.get("size")
    return Entry(name, path, None if size is None else int(size), _mark(info), _md5(info))


def _mark(info: Mapping[str, Any]) -> str | None:
    if (md5 := _md5(info)) is not None:
        return f"md5:{md5}"
    lfs = info.get("lfs")
    if lfs is not None and (sha := lfs.get("sha256") if isinstance(lfs, Mapping) else None):
        return f"sha256:{sha}"
    lower = {key.lower(): value for key, value in info.items()}
    for key in _MARKS:
        if lower.get(key):
            return f"{key.replace('-', '').replace('_', '')}:{str(lower[key]).strip()}"
    return None


def _md5(info: Mapping[str, Any]) -> str | None:
    """The MD5 in hex, where the listing has one: as such, or as an ETag that looks like one."""
    settings = info.get("content_settings")
    given = info.get("md5Hash") or info.get("Content-MD5")
    given = given or (settings.get("content_md5") if settings is not None else None)
    if isinstance(given, bytes | bytearray):
        return bytes(given).hex()
    if given:
        try:
            return base64.b64decode(given, validate=True).hex()
        except (binascii.Error, ValueError):
            pass
    etag = str(info.get("ETag") or "").strip('"')
    return etag if _MD5.fullmatch(etag) else None


def _safe(uri: str, name: str) -> str:
    """A name that stays below the folder that it is put into."""
    if name.startswith("/") or "\0" in name or {"", ".", ".."} & set(name.split("/")):
        raise TargetError(
            f"{redacted(uri)} holds {name!r}, which is no name of a file on this machine",
            code="remote-names",
            category="user",
            remedy="rename it there, or name a folder below",
        )
    return name


def _no_clash(uri: str, names: list[str]) -> None:
    folders = {name[: place.start()] for name in names for place in re.finditer("/", name)}
    if both := folders & set(names):
        raise TargetError(
            f"{redacted(uri)} holds {min(both)!r} as a file and as a folder",
            code="remote-names",
            category="user",
            remedy="rename one of them there, or name a folder below",
        )
