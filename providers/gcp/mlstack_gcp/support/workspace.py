"""Workspaces on Vertex AI: what is refused, and what makes no input."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Stack, Workspace
from mlstack.suggest import hint
from mlstack_gcp import region
from mlstack_gcp.catalogue import REGIONS

_KEY = "projects/ml-prod/locations/us-central1/keyRings/ml/cryptoKeys/ml"
_REPOSITORY = re.compile(
    r"projects/[^/]+/locations/[^/]+/repositories/[^/]+|[a-z0-9-]+-docker\.pkg\.dev/[^/]+/[^/]+"
)

UNSUPPORTED: Mapping[str, str] = {
    "policies": "no policy is checked yet: leave it out",
    "workspace.existing=auto": "Vertex AI has no workspaces to choose one of: name a bucket, or leave it out "
    "and one is made",
}
NO_INPUT: Mapping[str, str] = {}
WAYS: Mapping[str, Way] = {
    "region": Way("one of the catalogue's", value="europe-west4"),
    "security": Way("with a key of your own", {"workspace": {"encryption_key": _KEY}}, "strict"),
    "workspace.registry": Way(
        "where an image is built",
        {"environments": {"one": {"packages": ["six"]}}},
        "projects/ml-prod/locations/europe-west4/repositories/images",
    ),
    "workspace.existing": Way("the name of a bucket, or gs://NAME", value="gs://ml-prod"),
}


def refusals(stack: Stack) -> Iterator[Refusal]:
    named = region.usual(lambda _key: None) if stack.region is None else None
    if named is not None and named not in REGIONS:
        message = f"{' or '.join(region.VARIABLES)} names {named!r}, and Vertex AI has no such region"
        yield ("region",), message, hint(named, REGIONS)
    workspace = stack.workspace or Workspace()
    if stack.security == "strict":
        yield from _strict(workspace)
    registry = workspace.registry
    if isinstance(registry, str) and not _REPOSITORY.fullmatch(registry):
        yield (
            ("workspace", "registry"),
            f"{registry!r} is no repository of Artifact Registry",
            "write projects/P/locations/L/repositories/NAME, or L-docker.pkg.dev/P/NAME",
        )
    for field in ("name", "storage", "existing"):
        given = getattr(workspace, field)
        if isinstance(given, str) and not re.fullmatch(r"(gs://)?[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]/?", given):
            yield (
                ("workspace", field),
                f"{given!r} is no name of a bucket",
                "3 to 63 small letters, digits, '-', '_' and '.'",
            )


def _strict(workspace: Workspace) -> Iterator[Refusal]:
    if workspace.encryption_key is None:
        yield (
            ("security",),
            "strict wants data encrypted with a key of your own, and none is named; mlstack makes none, as "
            "Google Cloud never deletes a key ring",
            "write workspace: {encryption_key: projects/P/locations/REGION/keyRings/R/cryptoKeys/K}; or "
            "security: standard",
        )
    if workspace.network == "public":
        yield (
            ("workspace", "network"),
            "with security: strict nothing is reached from the internet",
            "write network: private, or leave it out; or security: standard",
        )
