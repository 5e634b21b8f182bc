"""Models, their containers, and deployed models."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlstack_gcp.rehearsal.refusals import Refused, invalid
from mlstack_gcp.rehearsal.rules.base import PROTO, VERTEX, Problem, Site, View, condition, matches, rule

MODEL, DEPLOYED = "aiplatform:Model", "aiplatform:DeployedModel"
_CONTAINER = PROTO + "model.py: ModelContainerSpec."
_CUSTOM = VERTEX + "predictions/custom-container-requirements"

matches(
    "deployed-id",
    DEPLOYED,
    "id",
    r"[0-9]{1,10}",
    "1 to 10 digits",
    PROTO + "endpoint.py: DeployedModel.id: '1-10 characters, and valid characters are /[0-9]/'",
)
matches(
    "artifact-uri",
    MODEL,
    "artifactUri",
    r"gs://[a-z0-9][a-z0-9._-]+(/.*)?",
    "a folder of Cloud Storage (gs://BUCKET/PATH)",
    PROTO + "model.py: Model.artifact_uri; " + VERTEX + "model-registry/import-model",
)
for _route in ("predictRoute", "healthRoute"):
    matches(
        f"container-{_route[:-5]}-route",
        MODEL,
        f"containerSpec.{_route}",
        r"/.*",
        "an HTTP path, which starts with /",
        _CONTAINER + f"{_route}: HTTP path on the container",
    )


@rule("deployed-resources", DEPLOYED, source=PROTO + "endpoint.py: DeployedModel: oneof prediction_resources")
def deployed_resources(x: View) -> Iterator[Problem]:
    ways = ("dedicatedResources", "automaticResources", "sharedResources")
    if not any(x.given(one) for one in ways) and all(x.all_known(one) for one in ways):
        yield "dedicatedResources", "one of dedicated, automatic or shared resources is required"


@rule("deployed-model", DEPLOYED, source=PROTO + "endpoint.py: DeployedModel.model: required")
def deployed_model(x: View) -> Iterator[Problem]:
    if x.missing("model"):
        yield "model", "is required"


@rule("container-image", MODEL, source=_CONTAINER + "image_uri: in Artifact Registry or Container Registry")
def container_image(x: View) -> Iterator[Problem]:
    image = x.text("containerSpec.imageUri")
    if isinstance(x["containerSpec"], Mapping) and x.missing("containerSpec.imageUri"):
        yield "containerSpec.imageUri", "is required"
    elif image is not None and not re.match(r"([a-z0-9-]+-docker\.pkg\.dev|([a-z]+\.)?gcr\.io)/", image):
        yield "containerSpec.imageUri", f"{image!r} is in neither Artifact Registry nor Container Registry"


@rule("container-ports", MODEL, source=_CONTAINER + "ports: container_port; Kubernetes: 1 to 65535")
def container_ports(x: View) -> Iterator[Problem]:
    for at, one in x.list("containerSpec.ports"):
        port = one.number("containerPort")
        if port is not None and not 1 <= port <= 65535:
            yield f"containerSpec.ports[{at}].containerPort", f"{port:g} is no port"


@rule("container-env", MODEL, source=PROTO + "env_var.py: EnvVar.name: a valid C identifier; " + _CUSTOM)
def container_env(x: View) -> Iterator[Problem]:
    for at, one in x.list("containerSpec.env"):
        name = one.text("name")
        if name is not None and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            yield f"containerSpec.env[{at}].name", f"{name!r} is no valid C identifier"
        elif name is not None and name.startswith("AIP_"):
            yield f"containerSpec.env[{at}].name", f"{name!r}: names that begin with AIP_ are Vertex AI's own"


@rule("container-timeout", MODEL, source=_CONTAINER + "deployment_timeout: limit is 2 hours")
def container_timeout(x: View) -> Iterator[Problem]:
    value = x.text("containerSpec.deploymentTimeout")
    match = re.fullmatch(r"([\d.]+)s", value or "")
    if match and float(match[1]) > 7200:
        yield "containerSpec.deploymentTimeout", f"{value} is more than 2 hours"


@rule(
    "container-probe",
    MODEL,
    source=PROTO + "model.py: Probe.timeout_seconds: 'must be less than period_seconds'",
)
def container_probe(x: View) -> Iterator[Problem]:
    for name in ("startupProbe", "healthProbe", "livenessProbe"):
        base = f"containerSpec.{name}"
        timeout, period = x.number(f"{base}.timeoutSeconds"), x.number(f"{base}.periodSeconds")
        if timeout is not None and period is not None and timeout > period:
            yield f"{base}.timeoutSeconds", f"{timeout:g} is more than the period, {period:g}"


@rule(
    "model-aliases", MODEL, source=PROTO + "model.py: Model.version_aliases: [a-z][a-zA-Z0-9-]{0,126}[a-z0-9]"
)
def model_aliases(x: View) -> Iterator[Problem]:
    aliases = x["versionAliases"]
    for at, one in enumerate(aliases if isinstance(aliases, (list, tuple)) else ()):
        if isinstance(one, str) and not re.fullmatch(r"[a-z][a-zA-Z0-9-]{0,126}[a-z0-9]", one):
            yield f"versionAliases[{at}]", f"{one!r} is no alias of a version"


@condition(
    "model-image-there",
    MODEL,
    source=_CUSTOM + "#publishing: the image has to be there when the model is uploaded",
    verb="create",
)
def model_image_there(site: Site, name: str, document: Mapping[str, Any]) -> Iterator[Refused]:
    image = str((document.get("containerSpec") or {}).get("imageUri", ""))
    match = re.match(r"([a-z0-9-]+)-docker\.pkg\.dev/([^/]+)/([^/]+)/", image)
    if match and match[2] == site.project:
        repository = f"projects/{match[2]}/locations/{match[1]}/repositories/{match[3]}"
        if site.get(repository) is None:
            yield invalid(f"Image {image} cannot be read: there is no repository {repository}.")


@condition(
    "model-artifacts-there",
    MODEL,
    source=VERTEX + "model-registry/import-model: the bucket of the artifacts; its region is the model's",
    verb="create",
)
def model_artifacts_there(site: Site, name: str, document: Mapping[str, Any]) -> Iterator[Refused]:
    match = re.match(r"gs://([^/]+)", str(document.get("artifactUri", "")))
    if match is None:
        return
    bucket = site.get(f"b/{match[1]}")
    place, region = str((bucket or {}).get("location", "")).lower(), name.split("/")[3]
    if bucket is not None and "-" in place and place != region:
        yield invalid(f"gs://{match[1]} is in {place}; a model of {region} needs a bucket of that region.")
