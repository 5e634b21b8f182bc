"""What is captured of a deployment: Azure's data collector, and the data assets that name where it writes.

Source: Azure ML, "Collect production data from models deployed for real-time inferencing"; the names and
paths of the assets are those that azure-ai-ml registers (``_register_collection_data_assets``), which
monitors look for.
"""

from __future__ import annotations

from typing import Any

import pulumi

from mlstack.provider import STACK_TAG, Build
from mlstack.spec import Deployment
from mlstack_azure.durations import rolling_rate
from mlstack_azure.kinds.served import NEW_FIRST, Served
from mlstack_azure.place import place

#: Under the platform's server, code hands rows and answers to a collector; other servers' bodies are logged.
ROWS = ("model_inputs", "model_outputs")
BODIES = ("request", "response")

_STORE = "azureml://datastores/workspaceblobstore/paths/modelDataCollector"


def collections(spec: Deployment) -> tuple[str, ...]:
    return BODIES if spec.server is not None else ROWS


def collector(build: Build, name: str, spec: Deployment, served: Served) -> Any:
    """The deployment's data collector; None where nothing is captured."""
    import pulumi_azure_native.machinelearningservices as ml

    capture = spec.capture
    if capture is None:
        return None
    where = place(build)
    endpoint, deployment = served.endpoint, served.names[name]
    found = {}
    assets = {}
    for collection in collections(spec):
        asset = build.make(
            ml.DataVersion,
            name,
            collection.replace("_", "-"),
            options=NEW_FIRST,
            name=pulumi.Output.concat(endpoint, "-", deployment, "-", collection),
            version="1",
            resource_group_name=where.resource_group,
            workspace_name=where.workspace,
            properties=ml.UriFolderDataVersionArgs(
                data_type="uri_folder",
                data_uri=pulumi.Output.concat(_STORE, "/", endpoint, "/", deployment, "/", collection),
                tags={STACK_TAG: build.stack_uid},
            ),
        )
        assets[collection] = asset.id
        found[collection] = ml.CollectionArgs(
            data_collection_mode=ml.DataCollectionMode.ENABLED,
            data_id=asset.id,
            sampling_rate=float(capture.sample),
        )
    served.captures[name] = assets
    return ml.DataCollectorArgs(
        collections=found, rolling_rate=rolling_rate(capture.rotate) if capture.rotate is not None else None
    )
