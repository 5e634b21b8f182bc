"""Each property that the builders register, dropped: what was made is taken away, made again without it, and
judged."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from mlstack.testing import Registered
from tests.oracle.compare import Difference, Table
from tests.oracle.mutation import Line, Steps, lines, without

from .allowances import ALLOWANCES
from .cases import Case, Expected, Stack
from .held import Held
from .judge import Stacks, compared

#: Property of a type -> why no document shows it.
_ENDS = "it says what a delete does: no document shows it, the tests of a stack's end do"
_USUAL = "what the platform takes where it is left out, written out"
_PROJECT = "the project of the credentials is the same; it is there for those whose is another"
_IN_A_PROJECT = (
    "gcp:artifactregistry/repository:Repository",
    "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember",
    "gcp:bigquery/dataset:Dataset",
    "gcp:bigquery/table:Table",
    "gcp:compute/globalAddress:GlobalAddress",
    "gcp:compute/network:Network",
    "gcp:compute/subnetwork:Subnetwork",
    "gcp:monitoring/alertPolicy:AlertPolicy",
    "gcp:monitoring/notificationChannel:NotificationChannel",
    "gcp:projects/iAMMember:IAMMember",
    "gcp:projects/service:Service",
    "gcp:secretmanager/secret:Secret",
    "gcp:secretmanager/secretIamMember:SecretIamMember",
    "gcp:serviceaccount/account:Account",
    "gcp:storage/bucket:Bucket",
    "gcp:vertex/aiDeploymentResourcePool:AiDeploymentResourcePool",
    "gcp:vertex/aiEndpoint:AiEndpoint",
    "gcp:vertex/aiPersistentResource:AiPersistentResource",
    "mlstack:gcp:Upload",
)
_TEXT = "the pipeline has its labels from the schedule too"
UNSEEN: dict[tuple[str, str], str] = {
    ("gcp:storage/bucket:Bucket", "storageClass"): _USUAL,
    ("gcp:storage/bucket:Bucket", "forceDestroy"): _ENDS,
    ("gcp:servicenetworking/connection:Connection", "deletionPolicy"): _ENDS,
    ("gcp:bigquery/dataset:Dataset", "deleteContentsOnDestroy"): _ENDS,
    ("gcp:bigquery/table:Table", "deletionProtection"): _ENDS,
    ("gcp:projects/service:Service", "disableOnDestroy"): _ENDS,
    ("gcp:projects/service:Service", "disableDependentServices"): _ENDS,
    ("gcp:monitoring/notificationChannel:NotificationChannel", "enabled"): _USUAL,
    (
        "gcp:monitoring/notificationChannel:NotificationChannel",
        "sensitiveLabels",
    ): "a secret is in no document",
    ("gcp:monitoring/notificationChannel:NotificationChannel", "sensitiveLabels.serviceKey"): (
        "a secret is in no document"
    ),
    ("gcp:vertex/aiEndpoint:AiEndpoint", "region"): "location says the same",
    **{(kind, "project"): _PROJECT for kind in _IN_A_PROJECT},
    ("mlstack:gcp:Job", "job.outputs.model.type"): "a folder, which is what is made where it is left out",
    ("mlstack:gcp:Job", "job.labels.mlstack-stack"): "a run is marked with the stack's uid in any case",
    ("mlstack:gcp:Job", "retries"): "none, which is what is taken where it is left out",
    ("mlstack:gcp:Job", "nonce"): "another one is another run; a document has it in a hash",
    ("gcp:vertex/aiEndpoint:AiEndpoint", "location"): "region says the same",
    (
        "gcp:vertex/aiPersistentResource:AiPersistentResource",
        "resourceRuntimeSpec.serviceAccountSpec.enableCustomServiceAccount",
    ): _USUAL,
    ("gcp:secretmanager/secretVersion:SecretVersion", "secretDataWoVersion"): "it is in the state alone",
    ("mlstack:gcp:Deployment", "access_log"): _USUAL,
    ("mlstack:gcp:Image", "dockerfile"): "Dockerfile is what is taken where it is left out",
    ("mlstack:gcp:Model", "container.args"): "none, which is what is taken where it is left out",
    ("mlstack:gcp:PipelineSchedule", "pipeline_job.labels"): _TEXT,
    ("mlstack:gcp:PipelineSchedule", "pipeline_job.labels.team"): _TEXT,
    ("mlstack:gcp:PipelineSchedule", "pipeline_job.labels.mlstack-stack"): _TEXT,
    ("mlstack:gcp:Traffic", "traffic.ID"): "it gets none, which is what leaving it out says",
    ("mlstack:gcp:Upload", "plain"): "it is noted in the list of the files, whose content is not judged",
    ("mlstack:gcp:PipelineSchedule", "labels.team"): "the pipeline's own text has it too",
    ("mlstack:gcp:PipelineSchedule", "labels.mlstack-stack"): "the pipeline's own text has it too",
}

Judged = tuple[Stack, Case, Expected]


def judged(stacks: tuple[Stack, ...]) -> list[Judged]:
    return [(stack, case, each) for stack in stacks for case in stack.cases for each in case.expected]


def drops(all: list[Judged], open: Stacks) -> dict[Line, dict[int, list[Steps]]]:
    """Each property, with where it is: by number of the judged."""
    found = [open.held(stack).resource(each.word, each.of) for stack, _, each in all]
    return lines([replace(one, inputs=_read(one.inputs)) for one in found])


def _read(inputs: dict[str, Any]) -> dict[str, Any]:
    """With the pipeline of a schedule, which is a text, as what it says."""
    text = inputs.get("pipeline_job")
    return {**inputs, "pipeline_job": json.loads(text)} if isinstance(text, str) else inputs


def _written(inputs: dict[str, Any]) -> dict[str, Any]:
    given = inputs.get("pipeline_job")
    return {**inputs, "pipeline_job": json.dumps(given)} if isinstance(given, dict) else inputs


def key(line: Line) -> tuple[str, str]:
    """As `UNSEEN` names it: numbers of deployed models are made of what they are."""
    return line.type, re.sub(r"\b\d{10}\b", "ID", line.path)


def noticed(at: dict[int, list[Steps]], all: list[Judged], open: Stacks) -> bool:
    """Whether a judgement fails when the property is dropped wherever it is."""
    return any(_noticed(places, all[number], open) for number, places in at.items())


def _noticed(places: list[Steps], one: Judged, open: Stacks) -> bool:
    held, inputs = open.held(one[0]), _read(_resource(one, open).inputs)
    for steps in places:
        inputs = without(inputs, steps)
    try:
        return bool(judged_again(held, one, _written(inputs)))
    except Exception:  # it is refused, by whoever judges it, or makes no document
        return True


def _resource(one: Judged, open: Stacks) -> Registered:
    stack, _, expected = one
    return open.held(stack).resource(expected.word, expected.of)


def judged_again(held: Held, one: Judged, inputs: dict[str, Any]) -> list[Difference]:
    """What differs when the resource is made anew of these inputs, where the usual region is another."""
    _, case, expected = one
    again = held.again(held.resource(expected.word, expected.of), inputs, "us-east1")
    return compared(held, case, expected, Table(ALLOWANCES), again)
