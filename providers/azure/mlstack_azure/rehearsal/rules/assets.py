"""Data, models, environments, code, components, datastores."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlstack_azure.rehearsal.rules.base import AML, LEARN, REST, Problem, View, one_of, rule

_ML = "machinelearningservices:"
_DATA, _MODEL, _ENV, _CODE = (_ML + kind + "Version" for kind in ("Data", "Model", "Environment", "Code"))
_STORE = _ML + "Datastore"
_VERSIONS = (_DATA, _MODEL, _ENV, _CODE, _ML + "ComponentVersion")
_SCHEMES = ("azureml", "https", "http", "wasbs", "wasb", "abfss", "abfs", "adl", "s3", "gs", "runs")

one_of(
    "data-type",
    _DATA,
    "properties.dataType",
    ("uri_file", "uri_folder", "mltable"),
    REST + "azureml/data-versions/create-or-update: DataType",
)
one_of(
    "data-container-type",
    _ML + "DataContainer",
    "properties.dataType",
    ("uri_file", "uri_folder", "mltable"),
    REST + "azureml/data-containers/create-or-update: DataType",
)
one_of(
    "model-type",
    _MODEL,
    "properties.modelType",
    ("custom_model", "mlflow_model", "triton_model"),
    AML + "constants/_assets.py, AssetTypes; " + AML + "_schema/assets/model.py",
)
one_of(
    "environment-os",
    _ENV,
    "properties.osType",
    ("Linux", "Windows"),
    REST + "azureml/environment-versions/create-or-update",
)


@rule(
    "asset-version",
    *_VERSIONS,
    source=REST
    + "azureml/data-versions/create-or-update: version; "
    + AML
    + "_schema/core/fields.py, VersionField",
)
def version(x: View) -> Iterator[Problem]:
    value = x["version"]
    if isinstance(value, str) and not re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}", value):
        yield "version", f"{value!r} must have letters, digits, dots, hyphens and underscores, 255 at most"
    elif isinstance(value, str) and value.lower() == "latest":
        yield "version", "'latest' is a label of the platform's own"


def _scheme(value: object) -> str | None:
    """The scheme of a URI, "" for a text that is none."""
    if not isinstance(value, str):
        return None
    match = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):(//|/?)", value)
    return match[1].lower() if match else ""


def _uri(x: View, path: str, needed: bool) -> Iterator[Problem]:
    if x.missing(path):
        if needed:
            yield path, "an asset says where its content is"
        return
    scheme = _scheme(x[path])
    if scheme is not None and scheme not in _SCHEMES:
        yield path, f"{x[path]!r} is no place that the platform can read ({', '.join(_SCHEMES)})"


@rule("data-uri", _DATA, source=LEARN + "how-to-create-data-assets: supported paths")
def data_uri(x: View) -> Iterator[Problem]:
    yield from _uri(x, "properties.dataUri", True)


@rule("model-uri", _MODEL, source=LEARN + "how-to-manage-models: supported paths")
def model_uri(x: View) -> Iterator[Problem]:
    yield from _uri(x, "properties.modelUri", True)


@rule("code-uri", _CODE, source=REST + "azureml/code-versions/create-or-update: codeUri")
def code_uri(x: View) -> Iterator[Problem]:
    yield from _uri(x, "properties.codeUri", True)


@rule(
    "folder-uri",
    _DATA,
    source=LEARN + "how-to-create-data-assets: a folder's path; " + AML + "entities/_assets",
)
def folder(x: View) -> Iterator[Problem]:
    """An MLTable is a folder: the file MLTable is in it, and is not named."""
    uri = x["properties.dataUri"]
    if x["properties.dataType"] == "mltable" and isinstance(uri, str) and uri.endswith("/MLTable"):
        yield "properties.dataUri", "names the folder that holds the file MLTable, not the file"


@rule(
    "environment-source",
    _ENV,
    source=LEARN + "reference-yaml-environment; " + AML + "_schema/assets/environment.py",
)
def environment_source(x: View) -> Iterator[Problem]:
    """An image or a build context, not both; a conda file goes with an image."""
    image, build = x.given("properties.image"), x.given("properties.build")
    if image and build:
        yield "properties.build", "an environment has an image or a build context, not both"
    elif x.missing("properties.image") and x.missing("properties.build"):
        yield "properties.image", "an environment needs an image or a build context"
    if build and x.given("properties.condaFile"):
        yield "properties.condaFile", "a conda file goes with an image, not with a build context"
    if build and x.missing("properties.build.contextUri"):
        yield "properties.build.contextUri", "a build context says where it is"


@rule("environment-image", _ENV, source="docs.docker.com/reference/cli/docker/image/tag: the form of a name")
def environment_image(x: View) -> Iterator[Problem]:
    image = x["properties.image"]
    form = r"[a-z0-9.-]+(:\d+)?(/[a-z0-9._-]+)*(:[\w][\w.-]{0,127})?(@sha256:[0-9a-f]{64})?"
    if isinstance(image, str) and image and not re.fullmatch(form, image):
        yield "properties.image", f"{image!r} is no name of an image"


@rule("inference-routes", _ENV, source=LEARN + "reference-yaml-environment: inference_config")
def inference_routes(x: View) -> Iterator[Problem]:
    """Routes of an image's own server: path and port, all three or none."""
    config = x["properties.inferenceConfig"]
    if not config:
        return
    for name in ("livenessRoute", "readinessRoute", "scoringRoute"):
        base = f"properties.inferenceConfig.{name}"
        if x.missing(base):
            yield base, "an inference config names the liveness, readiness and scoring routes"
            continue
        path, port = x[f"{base}.path"], x[f"{base}.port"]
        if isinstance(path, str) and not path.startswith("/"):
            yield f"{base}.path", f"{path!r} must begin with /"
        if isinstance(port, (int, float)) and not 0 < port < 65536:
            yield f"{base}.port", f"{port:g} is no port"


_KINDS = ("AzureBlob", "AzureDataLakeGen1", "AzureDataLakeGen2", "AzureFile", "OneLake")
one_of(
    "datastore-type", _STORE, "properties.datastoreType", _KINDS, REST + "azureml/datastores/create-or-update"
)


@rule("datastore-needs", _STORE, source=REST + "azureml/datastores/create-or-update")
def datastore(x: View) -> Iterator[Problem]:
    """Where it is, and credentials (of the type None for an identity)."""
    if x.missing("properties.credentials"):
        yield "properties.credentials", "needed; for access by identity of the credentialsType None"
    needs = {
        "AzureBlob": ("accountName", "containerName"),
        "AzureDataLakeGen2": ("accountName", "filesystem"),
        "AzureFile": ("accountName", "fileShareName"),
    }.get(str(x["properties.datastoreType"]), ())
    for key in needs:
        if x.missing(f"properties.{key}"):
            yield f"properties.{key}", f"a datastore of the type {x['properties.datastoreType']} needs it"


@rule(
    "component-spec",
    _ML + "ComponentVersion",
    source=REST + "azureml/component-versions/create-or-update; " + AML + "entities/_component/component.py",
)
def component(x: View) -> Iterator[Problem]:
    spec = x["properties.componentSpec"]
    if x.missing("properties.componentSpec"):
        yield "properties.componentSpec", "a component needs its specification"
    elif isinstance(spec, dict) and isinstance(spec.get("type", ""), str):
        kind = spec.get("type")
        if kind not in (
            "command",
            "pipeline",
            "parallel",
            "sweep",
            "spark",
            "automl",
            "import",
            "data_transfer",
        ):
            yield "properties.componentSpec.type", f"{kind!r} is no type of component"
