"""Endpoint configurations and endpoints: which variants go together, what has to be there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from mlstack.rehearsal import CloudFault
from mlstack_aws.rehearsal.rules.base import DOCS, SAGEMAKER, Problem, Site, View, condition, invalid, rule

_CONFIG = SAGEMAKER.format("CreateEndpointConfig")
_VARIANT = SAGEMAKER.format("ProductionVariant")
_SERVERLESS = DOCS + "sagemaker/latest/dg/serverless-endpoints.html: feature exclusions"
#: Families with storage of their own, which is encrypted by the hardware.
_STORED = re.compile(r"ml\.(\w*\dg?d[n]?|g4dn|g5|g6e?|p4de?|p5\w*|trn\d\w*)\.")


def variants(x: View) -> list[View]:
    return [*x.list("ProductionVariants"), *x.list("ShadowProductionVariants")]


@rule("variants-unique", "sagemaker", "CreateEndpointConfig", source=_VARIANT + ": VariantName")
def unique(x: View) -> Iterator[Problem]:
    counts = Counter(one.text("VariantName") for one in variants(x))
    for one in variants(x):
        name = one.text("VariantName")
        if name and counts[name] > 1:
            yield one.path("VariantName"), f"{name!r} is the name of more than one variant"


@rule("variant-machine", "sagemaker", "CreateEndpointConfig", source=_VARIANT)
def machine(x: View) -> Iterator[Problem]:
    for one in variants(x):
        if one.given("ServerlessConfig"):
            for key in ("InstanceType", "InitialInstanceCount", "AcceleratorType", "VolumeSizeInGB"):
                if one.given(key):
                    yield one.path(key), "a serverless variant has no instances"
        elif one.missing("InstanceType") and one.missing("ServerlessConfig"):
            yield one.path("InstanceType"), "a variant needs an instance type, or a serverless config"
        elif (
            one.missing("InitialInstanceCount")
            and one.missing("ManagedInstanceScaling")
            and one.given("ModelName")
        ):
            yield one.path("InitialInstanceCount"), "a variant on instances needs a count"


@rule("serverless-memory", "sagemaker", "CreateEndpointConfig",
      source=SAGEMAKER.format("ProductionVariantServerlessConfig") + ": MemorySizeInMB")  # fmt: skip
def memory(x: View) -> Iterator[Problem]:
    for one in variants(x):
        size = one["ServerlessConfig.MemorySizeInMB"]
        if isinstance(size, int) and size % 1024:
            yield (
                one.path("ServerlessConfig.MemorySizeInMB"),
                (f"{size} is not one of 1024, 2048, 3072, 4096, 5120, 6144"),
            )
        most, kept = one["ServerlessConfig.MaxConcurrency"], one["ServerlessConfig.ProvisionedConcurrency"]
        if isinstance(most, int) and isinstance(kept, int) and kept > most:
            yield (
                one.path("ServerlessConfig.ProvisionedConcurrency"),
                f"{kept} is more than MaxConcurrency, {most}",
            )


@rule("serverless-alone", "sagemaker", "CreateEndpointConfig", source=_SERVERLESS)
def serverless(x: View) -> Iterator[Problem]:
    if not any(one.given("ServerlessConfig") for one in variants(x)):
        return
    if len(x.list("ProductionVariants")) > 1:
        yield "ProductionVariants", "a serverless endpoint has one variant"
    if x.given("ShadowProductionVariants"):
        yield "ShadowProductionVariants", "a serverless endpoint has no shadow variants"
    if x["DataCaptureConfig.EnableCapture"]:
        yield "DataCaptureConfig", "a serverless endpoint captures no data"
    if x.given("AsyncInferenceConfig"):
        yield "AsyncInferenceConfig", "a serverless endpoint does not answer asynchronously"


@rule("shadow-one", "sagemaker", "CreateEndpointConfig", source=_CONFIG + ": ShadowProductionVariants")
def shadow(x: View) -> Iterator[Problem]:
    if x.given("ShadowProductionVariants"):
        for key in ("ProductionVariants", "ShadowProductionVariants"):
            if len(x.list(key)) > 1:
                yield key, "with a shadow there is one production variant and one shadow variant"


@rule("asynchronous-output", "sagemaker", "CreateEndpointConfig",
      source=SAGEMAKER.format("AsyncInferenceOutputConfig") + ": S3OutputPath")  # fmt: skip
def asynchronous(x: View) -> Iterator[Problem]:
    if x.given("AsyncInferenceConfig") and x.missing("AsyncInferenceConfig.OutputConfig.S3OutputPath"):
        yield "AsyncInferenceConfig.OutputConfig.S3OutputPath", "answers need a place in S3"


@rule("capture-options", "sagemaker", "CreateEndpointConfig", source=SAGEMAKER.format("CaptureOption"))
def capture(x: View) -> Iterator[Problem]:
    modes = Counter(one.text("CaptureMode") for one in x.list("DataCaptureConfig.CaptureOptions"))
    if any(count > 1 for mode, count in modes.items() if mode) or (
        "InputAndOutput" in modes and len(modes) > 1
    ):
        yield "DataCaptureConfig.CaptureOptions", "names input or output twice"


@rule("key-and-storage", "sagemaker", "CreateEndpointConfig", source=_CONFIG + ": KmsKeyId")
def key(x: View) -> Iterator[Problem]:
    if x.given("KmsKeyId"):
        for one in variants(x):
            if _STORED.match(one.text("InstanceType")):
                yield one.path("InstanceType"), "has storage of its own, for which no KMS key can be asked"


@rule("variant-volume", "sagemaker", "CreateEndpointConfig",
      source="aws/sagemaker-python-sdk, src/sagemaker/utils.py: volume_size_supported")  # fmt: skip
def volume(x: View) -> Iterator[Problem]:
    for one in variants(x):
        if one.given("VolumeSizeInGB") and _STORED.match(one.text("InstanceType")):
            yield one.path("VolumeSizeInGB"), "is not allowed for the selected instance type"


@rule(
    "config-role",
    "sagemaker",
    "CreateEndpointConfig",
    source=_CONFIG + ": ExecutionRoleArn; ModelName left out",
)
def config_role(x: View) -> Iterator[Problem]:
    if any(one.missing("ModelName") for one in variants(x)) and x.missing("ExecutionRoleArn"):
        yield "ExecutionRoleArn", "an endpoint of inference components needs a role"


@condition("variant-model", "sagemaker", "CreateEndpointConfig", source=_VARIANT + ": ModelName")
def model(site: Site, x: View, region: str) -> Iterator[CloudFault]:
    for one in variants(x):
        name = one.text("ModelName")
        if not name:
            continue
        found = site.look("sagemaker", "describe_model", {"ModelName": name}, region)
        if found is None:
            yield invalid(f'Could not find model "arn:aws:sagemaker:{region}:{site.account}:model/{name}".')
        elif one.given("ServerlessConfig"):
            for field in ("VpcConfig", "EnableNetworkIsolation"):
                if found.get(field):
                    yield invalid(f"Serverless endpoints do not support {field} of model {name}.")
            if len(found.get("Containers") or []) > 1:
                yield invalid("Serverless endpoints do not support inference pipelines.")


@condition("endpoint-config", "sagemaker", "CreateEndpoint", "UpdateEndpoint",
           source=SAGEMAKER.format("CreateEndpoint") + ": EndpointConfigName")  # fmt: skip
def config(site: Site, x: View, region: str) -> Iterator[CloudFault]:
    name = x.text("EndpointConfigName")
    if site.look("sagemaker", "describe_endpoint_config", {"EndpointConfigName": name}, region) is None:
        arn = f"arn:aws:sagemaker:{region}:{site.account}:endpoint-config/{name}"
        yield invalid(f'Could not find endpoint configuration "{arn}".')


@condition("endpoint-current-config", "sagemaker", "UpdateEndpoint",
           source=SAGEMAKER.format("DeleteEndpointConfig") + ": not while it is in use")  # fmt: skip
def current(site: Site, x: View, region: str) -> Iterator[CloudFault]:
    there = site.look("sagemaker", "describe_endpoint", {"EndpointName": x.text("EndpointName")}, region)
    if there is None:
        return
    name = there["EndpointConfigName"]
    if site.look("sagemaker", "describe_endpoint_config", {"EndpointConfigName": name}, region) is None:
        arn = f"arn:aws:sagemaker:{region}:{site.account}:endpoint-config/{name}"
        yield invalid(f'Could not find endpoint configuration "{arn}".')
    if there.get("EndpointStatus") not in ("InService", "OutOfService"):
        yield invalid(f'Cannot update in-progress endpoint "{there["EndpointArn"]}".')


@condition("component-place", "sagemaker", "CreateInferenceComponent",
           source=SAGEMAKER.format("CreateInferenceComponent"))  # fmt: skip
def component(site: Site, x: View, region: str) -> Iterator[CloudFault]:
    name = x.text("EndpointName")
    there = site.look("sagemaker", "describe_endpoint", {"EndpointName": name}, region)
    if there is None:
        yield invalid(f'Could not find endpoint "arn:aws:sagemaker:{region}:{site.account}:endpoint/{name}".')
        return
    names = [one["VariantName"] for one in there.get("ProductionVariants") or []]
    if x.given("VariantName") and x["VariantName"] not in names:
        yield invalid(f"Variant {x['VariantName']} does not exist in endpoint {name}.")
