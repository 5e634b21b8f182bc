"""Ids of what is there already: what cannot be one, and what is of another place than the stack.

Sources: "Bucket naming guidelines" of Cloud Storage (names may not begin with goog, nor hold google), "Use
customer-managed encryption keys" of Vertex AI (the key is in the region of what it encrypts), "Secret Manager
resource names", "Custom container requirements" of Vertex AI (which registries it pulls from), and
google.cloud.aiplatform_v1's Model.name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import InlineModel, Stack

UNSUPPORTED: Mapping[str, str] = {}
NO_INPUT: Mapping[str, str] = {}
WAYS: Mapping[str, Way] = {
    "workspace.encryption_key": Way(
        "by its whole name", value="projects/ml-prod/locations/us-central1/keyRings/ml/cryptoKeys/other"
    ),
}

_KEY = re.compile(r"projects/[^/]+/locations/([^/]+)/keyRings/[^/]+/cryptoKeys/[^/]+")
_SECRET = re.compile(r"(projects/[^/]+/secrets/)?[A-Za-z0-9_-]+(/versions/\w+)?")
_MODEL = re.compile(r"(projects/[^/]+/locations/[^/]+/models/)?[\w.-]+([@:][\w.-]+)?")
_PRIVATE = re.compile(r"\d{12}\.dkr\.ecr\.|[\w-]+\.azurecr\.io/")


def refusals(stack: Stack) -> Iterator[Refusal]:
    yield from _key(stack)
    workspace = stack.workspace
    for field in ("existing", "storage"):
        given = getattr(workspace, field, None)
        bucket = given.removeprefix("gs://") if isinstance(given, str) else ""
        if bucket.startswith("goog") or "google" in bucket:
            yield (
                ("workspace", field),
                f"{given!r} is no name of a bucket: they do not begin with goog, nor hold google",
                "write the name as Cloud Storage shows it",
            )
    for name, secret in stack.secrets.items():
        if isinstance(secret.secretmanager, str) and not _SECRET.fullmatch(secret.secretmanager):
            yield (
                ("secrets", name, "secretmanager"),
                f"{secret.secretmanager!r} is no name of a secret",
                "write projects/P/secrets/NAME",
            )
    models: dict[tuple[str | int, ...], object] = {
        ("models", name, "registry"): held.registry for name, held in stack.models.items()
    }
    for name, endpoint in stack.endpoints.items():
        for each, deployment in endpoint.deployments.items():
            place = ("endpoints", name, "deployments", each)
            if isinstance(deployment.model, InlineModel):
                models[*place, "model", "registry"] = deployment.model.registry
            if deployment.server is not None and deployment.server.container is not None:
                yield from _image((*place, "server", "container", "image"), deployment.server.container.image)
    for path, registry in models.items():
        if isinstance(registry, str) and not _MODEL.fullmatch(registry):
            yield (
                path,
                f"{registry!r} is no model of Vertex AI's registry",
                "write projects/P/locations/L/models/ID, or NAME, with @VERSION or without",
            )
    for name, environment in stack.environments.items():
        yield from _image(("environments", name, "image"), environment.image)


def _key(stack: Stack) -> Iterator[Refusal]:
    key = stack.workspace.encryption_key if stack.workspace is not None else None
    if not isinstance(key, str):
        return
    place = ("workspace", "encryption_key")
    found = _KEY.fullmatch(key)
    if found is None:
        yield (
            place,
            f"{key!r} is no whole name of a key",
            "write projects/P/locations/REGION/keyRings/R/cryptoKeys/K; `gcloud kms keys list` shows it",
        )
    elif isinstance(stack.region, str) and found[1] != stack.region:
        yield (
            place,
            f"the key is in {found[1]}, and what it encrypts is in {stack.region}",
            f"name a key in {stack.region}, or set region: {found[1]}",
        )


def _image(place: tuple[str | int, ...], image: object) -> Iterator[Refusal]:
    if isinstance(image, str) and _PRIVATE.match(image):
        yield (
            place,
            f"Vertex AI does not pull from {image.partition('/')[0]}",
            "copy it once to Artifact Registry (gcrane cp, or docker pull, tag and push), and write "
            "REGION-docker.pkg.dev/PROJECT/REPOSITORY/NAME",
        )
