"""What is captured: requests and answers of a whole endpoint, in a folder of the stack's bucket.

Source: SageMaker's developer guide, "Capture data from real-time endpoint".
"""

from __future__ import annotations

from typing import Any

import pulumi

from mlstack.provider import Build
from mlstack_aws.place import place


def percent(sample: float) -> int:
    return round(sample * 100)


def wanted(build: Build) -> float | None:
    """The share of requests that is captured; it is the same for all deployments (see the refusals)."""
    shares = [spec.capture.sample for spec in build.spec.deployments.values() if spec.capture is not None]
    return shares[0] if shares else None


def folder(build: Build) -> pulumi.Output[str]:
    return pulumi.Output.concat(place(build).uri, "/captures/", build.name)


def content(build: Build) -> dict[str, Any] | None:
    """Content of the configuration's capture; None where nothing is captured."""
    sample = wanted(build)
    if sample is None:
        return None
    found: dict[str, Any] = {
        "enable_capture": True,
        "initial_sampling_percentage": percent(sample),
        "destination_s3_uri": folder(build),
        "modes": ["Input", "Output"],
        "csv_content_types": ["text/csv"],
        "json_content_types": ["application/json"],
    }
    key = place(build).key
    return found if key is None else {**found, "kms_key_id": key}


def args(content: dict[str, Any]) -> Any:
    import pulumi_aws.sagemaker as sagemaker

    held = dict(content)
    modes = held.pop("modes")
    header = sagemaker.EndpointConfigurationDataCaptureConfigCaptureContentTypeHeaderArgs(
        csv_content_types=held.pop("csv_content_types"), json_content_types=held.pop("json_content_types")
    )
    option = sagemaker.EndpointConfigurationDataCaptureConfigCaptureOptionArgs
    return sagemaker.EndpointConfigurationDataCaptureConfigArgs(
        capture_options=[option(capture_mode=mode) for mode in modes],
        capture_content_type_header=header,
        **held,
    )
