"""fsspec's file system of a scheme, set up by the usual environment variables of its maker."""

from __future__ import annotations

import os
import ssl
from typing import Any

from mlstack_local.remote.uris import SCHEMES, scheme_of

#: Seconds; a library's own retries are few, since ours come on top.
_CONNECT = 10
_READ = 60


def opened(uri: str) -> tuple[Any, str]:
    """(file system, the URI's path in it). Nothing is cached in it: a listing is as of now."""
    # gcsfs asks each bucket for its layout first, with credentials of another kind than its own
    os.environ.setdefault("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")
    import fsspec

    scheme = scheme_of(uri)
    protocol = SCHEMES[scheme].protocol
    cls = fsspec.get_filesystem_class(protocol)
    options = {**cls._get_kwargs_from_urls(uri), **_options(scheme)}
    fs = cls(**options, skip_instance_cache=True, use_listings_cache=False)
    return fs, str(cls._strip_protocol(uri))


def _options(scheme: str) -> dict[str, Any]:
    if scheme == "s3":
        once = {"max_attempts": 1, "mode": "standard"}
        return {"config_kwargs": {"connect_timeout": _CONNECT, "read_timeout": _READ, "retries": once}}
    if scheme == "gs" and os.environ.get("STORAGE_EMULATOR_HOST"):
        return {"token": "anon"}
    if scheme in ("http", "https"):
        import aiohttp

        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT, sock_read=_READ)
        client = {"timeout": timeout, "trust_env": True}
        return {"client_kwargs": client, "ssl": ssl.create_default_context()}
    if scheme == "hf" and os.environ.get("HF_ENDPOINT"):
        return {"endpoint": os.environ["HF_ENDPOINT"]}  # the library reads it once, when it is imported
    if SCHEMES[scheme].library == "adlfs" and _connection_string():
        return {"connection_string": _connection_string()}
    return {}


def _connection_string() -> str | None:
    return os.environ.get("AZURE_STORAGE_CONNECTION_STRING")
