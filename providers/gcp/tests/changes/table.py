"""The tables of changes on Google Cloud: as its own reference and terraform-provider-google's code say."""

from __future__ import annotations

from pathlib import Path

from tests.changes.table import Changes

CHANGES = Changes(
    cloud="gcp",
    folder=Path(__file__).parent,
    region="europe-west4",
    base={
        "settings": {"gcp": {"project": "ml-prod"}},
        "workspace": {"existing": "ml-bucket"},
        "environments": {"base": {"image": "europe-west4-docker.pkg.dev/ml-prod/images/it:1"}},
    },
    left_out={
        "budget.per": "a month is all that is taken",
        "compute.cluster.type": "gke is all that makes one",
        "compute.cluster.name": "another name is another cluster, with all its pools",
        **{
            f"compute.cluster.node_pools.{each}": "the machine, as by size"
            for each in ("instance", "cpus", "memory", "gpu")
        },
        "notifications.pagerduty": "as pagerduty.secret: it is not written out",
        "security": "a strict stack has a network and a key more: as workspace.network and encryption_key",
        "workspace.existing": "another bucket is another place for all of the stack",
        "workspace.network": "what was not there is made: the oracle's networks show what",
    },
    ours=("Job",),
)
