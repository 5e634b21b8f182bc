"""The tables of changes on Azure: as Azure's own documents and azure-native's code say."""

from __future__ import annotations

from pathlib import Path

from tests.changes.table import Changes

CHANGES = Changes(
    cloud="azure",
    folder=Path(__file__).parent,
    region="westeurope",
    base={
        "settings": {"azure": {"resource_group": "ml"}},
        "workspace": {"existing": "ml"},
        "environments": {"base": {"packages": ["lightgbm==4.6.0"]}},
    },
    left_out={  # what the platform does not see, or has only one value that it takes
        "budget.per": "a month is all that is taken",
        "compute.cluster.type": "aks is all that makes one",
        "compute.cluster.existing": "whose cluster it is; what is attached stays as it is",
        "compute.cluster.node_pools.instance": "the machine, as by size",
        "compute.cluster.node_pools.cpus": "the machine, as by size",
        "compute.cluster.node_pools.memory": "the machine, as by size",
        "compute.cluster.node_pools.gpu": "the machine, as by size",
        "data.columns": "kept with the data's own description, for monitors",
        "endpoints.deployments.model.from": "as model.path: the version of a model",
        "monitors.min_samples": "an alert on the workspace's log, which the one of the tables has not",
        "monitors.code": "signal: custom is refused",
        "notifications.pagerduty": "as pagerduty.secret",
        "security": "a strict stack is another one: its workspace has another name",
        "workspace.network": "Azure changes it only in an empty workspace",
        "workspace.existing": "another workspace is another place for all of the stack",
    },
)
