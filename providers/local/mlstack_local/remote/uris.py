"""URIs of data: which schemes there are, and which URIs are refused. Text only, nothing is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from urllib.parse import parse_qsl, urlsplit

from mlstack.suggest import suggest


@dataclass(frozen=True)
class Scheme:
    """``protocol`` is fsspec's name, ``library`` what speaks it, ``extra`` what installs that;
    ``credentials`` where it takes them from."""

    protocol: str
    library: str
    extra: str
    credentials: str


_S3 = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or ~/.aws"
_AZURE = "AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_ACCOUNT_NAME with AZURE_STORAGE_ACCOUNT_KEY"
_GOOGLE = "GOOGLE_APPLICATION_CREDENTIALS, or `gcloud auth application-default login`"

SCHEMES: Mapping[str, Scheme] = {
    "s3": Scheme("s3", "s3fs", "s3", _S3),
    "gs": Scheme("gs", "gcsfs", "gs", _GOOGLE),
    "abfss": Scheme("abfss", "adlfs", "abfs", _AZURE),
    "abfs": Scheme("abfs", "adlfs", "abfs", _AZURE),
    "az": Scheme("az", "adlfs", "abfs", _AZURE),
    "https": Scheme("https", "aiohttp", "http", "~/.netrc"),
    "http": Scheme("http", "aiohttp", "http", "~/.netrc"),
    "hf": Scheme("hf", "huggingface_hub", "hf", "HF_TOKEN, or `hf auth login`"),
}

#: Names of query parameters that carry a credential: signed URLs and tokens of all makers.
_SECRET = re.compile(
    r"(?i)(^|[-_.])(sig|signature|token|secret|password|passwd|pwd|key|apikey|api[-_]?key|credential|auth)$"
)
_IN_TEXT = re.compile(
    r"(?i)((?:sig|signature|token|secret|password|key|credential)=)[^&\s'\"]+|(?<=://)[^/@\s]*:[^/@\s]*@"
)


def is_remote(path: object) -> bool:
    return isinstance(path, str) and "://" in path


def scheme_of(uri: str) -> str:
    return uri.partition("://")[0].lower()


def canonical(uri: str, kind: str | None) -> str:
    """The URI with a slash at its end where it is a folder (``kind``, or by itself), and none for a file."""
    bare = uri.rstrip("/")
    folder = kind == "folder" or (kind is None and uri.endswith("/"))
    return f"{bare}/" if folder else bare


def redacted(uri: str) -> str:
    """The URI for people, without passwords and query."""
    parts = urlsplit(uri)
    place = parts.netloc.rpartition("@")[2] if ":" in parts.netloc.rpartition("@")[0] else parts.netloc
    return f"{parts.scheme}://{place}{parts.path}"


def hide_secrets(text: str) -> str:
    """What a library says, without the credentials that it may quote."""
    return _IN_TEXT.sub(lambda found: f"{found[1]}[secret]" if found[1] else "[secret]@", text)


def problem(uri: str) -> tuple[str, str] | None:
    """(what is wrong with a URI, what to do); None where nothing is. Secrets are not repeated."""
    shown, scheme = redacted(uri), scheme_of(uri)
    if scheme not in SCHEMES:
        near = suggest(scheme, SCHEMES)
        known = f"schemes: {', '.join(SCHEMES)}"
        remedy = "write the path alone" if scheme == "file" else f"did you mean {near}://?" if near else known
        return f"{shown}: {scheme}:// is no scheme that data can be fetched by", remedy
    parts = urlsplit(uri)
    known_scheme = SCHEMES[scheme]
    if ":" in parts.netloc.rpartition("@")[0] or any(
        _SECRET.search(key) for key, _ in parse_qsl(parts.query)
    ):
        return (
            f"{shown} was given with a credential in it, and a spec holds no secrets",
            f"take it out; credentials come from {known_scheme.credentials}",
        )
    if not parts.netloc:
        return f"{shown} names no bucket or host", f"write {scheme}://NAME/PATH"
    if find_spec(known_scheme.library) is None:
        return (
            f"{scheme}:// needs {known_scheme.library}, which is not installed",
            f"pip install 'mlstack-local[{known_scheme.extra}]'",
        )
    return None
