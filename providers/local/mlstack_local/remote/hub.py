"""Models of the Hugging Face hub by their id: as URIs, and the commit that a revision means now."""

from __future__ import annotations

import os
import re
from urllib.parse import quote, unquote

from mlstack.errors import TargetError
from mlstack_local.remote.failures import attempt
from mlstack_local.remote.versions import check

_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?", re.ASCII)
_URI = re.compile(r"hf://(?P<id>[^@]+?)(@(?P<revision>[^/]+))?/")


def is_id(text: str) -> bool:
    """Whether that can be the id of a model: org/name, or a name alone of the hub's first years."""
    return _ID.fullmatch(text) is not None


def revision_part(revision: str | None) -> str:
    """What stands after the id in a URI of the hub; a revision's slashes are none of the path."""
    return f"@{quote(revision, safe='')}/" if revision else "/"


def pinned(uri: str) -> str:
    """The same model at the commit that its revision means now, or its main branch. Raises TargetError."""
    check(uri)
    found = _URI.fullmatch(uri)
    assert found is not None, uri
    revision = unquote(found["revision"]) if found["revision"] else None
    from huggingface_hub import HfApi

    api = HfApi(endpoint=os.environ.get("HF_ENDPOINT") or None)
    try:
        info = attempt(uri, lambda: api.model_info(found["id"], revision=revision))
    except TargetError as error:
        if error.code in ("remote-missing", "remote-forbidden"):  # the hub hides private models either way
            of = f" of revision {revision}" if revision else ""
            error.remedy = (
                f"look up whether the hub has {found['id']}{of}; a private or gated model needs access, "
                "and HF_TOKEN, or `hf auth login`"
            )
        raise
    return f"hf://{info.id}@{info.sha}/"
