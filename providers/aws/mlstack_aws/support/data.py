"""Data on SageMaker: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Stack
from mlstack_aws import uris

UNSUPPORTED: Mapping[str, str] = {}
NO_INPUT: Mapping[str, str] = {
    "data.type": "what is on S3 says it itself: a folder ends with a slash",
    "data.columns": "S3 keeps no schema: monitors of the stack read it from the spec",
}
WAYS: Mapping[str, Way] = {
    "data.existing": Way("the URI of what is on S3", value="s3://bucket/folder/"),
}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, held in stack.data.items():
        if refusal := uris.unusable(stack, ("data", name, "path"), held.path):
            yield refusal
        existing = held.existing
        if isinstance(existing, str) and uris.scheme(existing) != "s3":
            yield (
                ("data", name, "existing"),
                "SageMaker keeps no list of data sets",
                "name its place on S3, as s3://BUCKET/FOLDER/",
            )
