"""Ids of what is there already: what cannot be one, and what is of another region than the stack.

Rules for a bucket's name: S3's user guide, "General purpose bucket naming rules". An endpoint or a job uses
keys, secrets and model packages of its own region: a call that names another region's ends in "not found"
(AWS General Reference, "Amazon Resource Names": the region in an ARN is where the resource is).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import InlineModel, Stack
from mlstack_aws.ids import is_role, not_a_role

UNSUPPORTED: Mapping[str, str] = {}
NO_INPUT: Mapping[str, str] = {}
WAYS: Mapping[str, Way] = {
    "workspace.identity": Way("the ARN of a role", value="arn:aws:iam::123456789012:role/other"),
}

_ARN = re.compile(r"arn:aws[\w-]*:(\w[\w-]*):([\w-]*):(\d*):(.+)")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")

Named = tuple[tuple[str | int, ...], str]


def refusals(stack: Stack) -> Iterator[Refusal]:
    region = stack.region if isinstance(stack.region, str) else None
    for path, text in _named(stack):
        found = _ARN.fullmatch(text)
        if found and region and found[2] not in ("", region):
            yield (
                path,
                f"it is in {found[2]}, and the stack is in {region}, from where it is not found",
                f"name one in {region}, or set region: {found[2]}",
            )
    workspace = stack.workspace
    for field in ("existing", "storage"):
        given = getattr(workspace, field, None)
        if isinstance(given, str) and given != "auto":
            name = given.rsplit(":", 1)[-1].rsplit("/", 1)[-1]
            if not _BUCKET.fullmatch(name) or ".." in name:
                yield (
                    ("workspace", field),
                    f"{given!r} cannot be the name of a bucket",
                    "write the name as S3 shows it: 3 to 63 small letters, digits, dots and hyphens",
                )
    identity = getattr(workspace, "identity", None)
    if isinstance(identity, str) and not is_role(identity):
        yield ("workspace", "identity"), *not_a_role(identity)


def _named(stack: Stack) -> Iterator[Named]:
    """Places that name a thing of one region."""
    held: dict[tuple[str | int, ...], object] = {}
    if stack.workspace is not None:
        held["workspace", "encryption_key"] = stack.workspace.encryption_key
        held["workspace", "registry"] = stack.workspace.registry
    held |= {("secrets", name, "secretsmanager"): one.secretsmanager for name, one in stack.secrets.items()}
    held |= {("models", name, "registry"): one.registry for name, one in stack.models.items()}
    for name, endpoint in stack.endpoints.items():
        for each, deployment in endpoint.deployments.items():
            if isinstance(deployment.model, InlineModel):
                place = ("endpoints", name, "deployments", each, "model", "registry")
                held[place] = deployment.model.registry
    yield from ((path, text) for path, text in held.items() if isinstance(text, str))
