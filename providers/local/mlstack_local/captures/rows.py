"""One captured request, and whether it is one that should be captured."""

from __future__ import annotations

import hashlib
from typing import NamedTuple


class Row(NamedTuple):
    """As `mlstack_local.captures.schema` says; ``time`` in epoch seconds."""

    time: float
    request_id: str
    deployment: str
    generation: str
    path: str
    status: int
    seconds: float
    content_type: str
    request: bytes
    response: bytes

    @property
    def size(self) -> int:
        return len(self.request) + len(self.response)


def sampled(request_id: bytes, fraction: float) -> bool:
    """Whether a request is in the sample: the same answer for the same id, here and on a mirror."""
    if fraction >= 1:
        return True
    digest = hashlib.blake2b(request_id, digest_size=8).digest()
    return int.from_bytes(digest, "big") < fraction * 2**64
