"""Batch endpoints and deployments."""

from __future__ import annotations

from collections.abc import Iterator

from mlstack_azure.rehearsal.rules.base import AML, LEARN, REST, Problem, View, between, one_of, rule
from mlstack_azure.rehearsal.rules.times import period

_BATCH = "machinelearningservices:BatchDeployment"
_ENDPOINT = "machinelearningservices:BatchEndpoint"
_REST = REST + "azureml/batch-deployments/create-or-update"
_YAML = LEARN + "reference-yaml-deployment-batch"

one_of(
    "batch-auth",
    _ENDPOINT,
    "properties.authMode",
    ("AADToken",),
    AML + "entities/_endpoint/batch_endpoint.py: AADToken; " + LEARN + "how-to-authenticate-batch-endpoint",
)
one_of("batch-logging", _BATCH, "properties.loggingLevel", ("Info", "Warning", "Debug"), _REST)
one_of("batch-output", _BATCH, "properties.outputAction", ("SummaryOnly", "AppendRow"), _REST)
between("batch-mini-batch", _BATCH, "properties.miniBatchSize", 1, 2**31 - 1, _YAML)
between("batch-concurrency", _BATCH, "properties.maxConcurrencyPerInstance", 1, 10000, _YAML)
between(
    "batch-errors",
    _BATCH,
    "properties.errorThreshold",
    -1,
    2**31 - 1,
    _REST + ": errorThreshold from -1 (all errors allowed)",
)
between("batch-instances", _BATCH, "properties.resources.instanceCount", 1, 65000, _YAML)


@rule("batch-retry", _BATCH, source=_REST + ": BatchRetrySettings")
def retry(x: View) -> Iterator[Problem]:
    number, value = x["properties.retrySettings.maxRetries"], x["properties.retrySettings.timeout"]
    if isinstance(number, (int, float)) and number < 0:
        yield "properties.retrySettings.maxRetries", f"{number:g} is negative"
    if isinstance(value, str) and not period(value):
        yield "properties.retrySettings.timeout", f"{value!r} is no ISO 8601 duration such as PT30S"


@rule(
    "batch-work",
    _BATCH,
    source=_REST + "; " + AML + "entities/_deployment/pipeline_component_batch_deployment.py",
)
def work(x: View) -> Iterator[Problem]:
    """A batch deployment scores with a model on a compute, or runs a pipeline component."""
    kind = x["properties.deploymentConfiguration.deploymentConfigurationType"]
    if x.missing("properties.deploymentConfiguration"):
        if x.missing("properties.model"):
            yield "properties.model", "a batch deployment needs a model or a pipeline component"
        if x.missing("properties.compute"):
            yield "properties.compute", "a batch deployment of a model names the compute that it runs on"
    elif kind == "PipelineComponent":
        if x.missing("properties.deploymentConfiguration.componentId"):
            yield "properties.deploymentConfiguration.componentId", "names the component that it runs"
        elif not x.missing("properties.deploymentConfiguration.componentId.assetId") or not isinstance(
            x["properties.deploymentConfiguration.componentId"], dict
        ):
            return
        elif x.all_known("properties.deploymentConfiguration.componentId"):
            yield "properties.deploymentConfiguration.componentId.assetId", "the id of the component"
    elif isinstance(kind, str) and kind != "Model":
        yield "properties.deploymentConfiguration.deploymentConfigurationType", f"{kind!r} is not known"


@rule("batch-model-reference", _BATCH, source=_REST + ": AssetReferenceBase")
def model_reference(x: View) -> Iterator[Problem]:
    """The model of a batch deployment is a reference with a type, not a text."""
    model = x["properties.model"]
    if isinstance(model, str):
        yield "properties.model", "is a reference: {referenceType: Id, assetId: …}"
    elif isinstance(model, dict):
        kind = x["properties.model.referenceType"]
        if isinstance(kind, str) and kind not in ("Id", "DataPath", "OutputPath"):
            yield "properties.model.referenceType", f"{kind!r} is not one of Id, DataPath, OutputPath"
        if kind == "Id" and x.missing("properties.model.assetId"):
            yield "properties.model.assetId", "the id of the model"


@rule("batch-code-environment", _BATCH, source=LEARN + "how-to-mlflow-batch: customize; " + _YAML)
def code_environment(x: View) -> Iterator[Problem]:
    if not x.missing("properties.codeConfiguration") and x.missing("properties.environmentId"):
        yield "properties.environmentId", "a scoring script needs an environment"
