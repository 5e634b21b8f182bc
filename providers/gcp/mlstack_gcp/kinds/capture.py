"""What is captured of an endpoint: Vertex AI logs requests and answers into a table of BigQuery.

The table is the stack's own, so that it goes with it, and so that what is captured can have an end: its days
are partitions that expire. It has the columns that the platform writes.

Source: Vertex AI, "Use online inference logging" (request-response logging).
"""

from __future__ import annotations

import json
from typing import Any

import pulumi

from mlstack.provider import Build
from mlstack.spec.deployment import Capture
from mlstack_gcp import services
from mlstack_gcp.names import labels, physical
from mlstack_gcp.place import place

TABLE = "request_response_logging"
_COLUMNS = [
    {"name": "endpoint", "type": "STRING"},
    {"name": "deployed_model_id", "type": "STRING"},
    {"name": "logging_time", "type": "TIMESTAMP"},
    {"name": "request_id", "type": "NUMERIC"},
    {"name": "request_payload", "type": "STRING", "mode": "REPEATED"},
    {"name": "response_payload", "type": "STRING", "mode": "REPEATED"},
]


def of(build: Build) -> Capture | None:
    """What all deployments of the endpoint say of it: the platform logs for the endpoint as a whole."""
    return next((spec.capture for spec in build.spec.deployments.values() if spec.capture), None)


def table(build: Build, capture: Capture) -> pulumi.Output[str]:
    """``PROJECT.DATASET.TABLE``."""
    from pulumi_gcp import bigquery

    here = place(build)
    key = None
    if here.key is not None:
        key = bigquery.DatasetDefaultEncryptionConfigurationArgs(kms_key_name=here.key)
    dataset = build.make(
        bigquery.Dataset,
        "captured",
        options={"depends_on": [*here.resources, services.enabled(build, "bigquery")]},
        project=here.project,
        location=here.region,
        # it stays where it is: in another region there is another one
        dataset_id=physical(build, "captured", longest=200, generation=here.region).replace("-", "_"),
        default_encryption_configuration=key,
        delete_contents_on_destroy=True,
        labels=labels(build),
    )
    made = build.make(
        bigquery.Table,
        "captured",
        project=here.project,
        dataset_id=dataset.dataset_id,
        table_id=TABLE,
        schema=json.dumps(_COLUMNS),
        deletion_protection=False,
        time_partitioning=bigquery.TableTimePartitioningArgs(
            type="DAY",
            field="logging_time",
            expiration_ms=round(capture.keep * 1000) if capture.keep is not None else None,
        ),
        labels=labels(build),
    )
    return pulumi.Output.concat(made.project, ".", made.dataset_id, ".", made.table_id)


def logging(capture: Capture, table: Any) -> Any:
    """The endpoint's setting."""
    from pulumi_gcp import vertex

    return vertex.AiEndpointPredictRequestResponseLoggingConfigArgs(
        enabled=True,
        sampling_rate=float(capture.sample),
        bigquery_destination=vertex.AiEndpointPredictRequestResponseLoggingConfigBigqueryDestinationArgs(
            output_uri=pulumi.Output.concat("bq://", table)
        ),
    )
