"""The queue that jobs wait in."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from mlstack_kubernetes.kinds.job import status_of

from tests.lowered import Lower, Refused

JOBS = """
workspace: {existing: ml}
jobs:
  train: {command: python train.py, code: src}
  other: {command: python train.py, code: src-other}
pipelines: {again: {steps: {train: {job: train}}}}
schedules: {nightly: {cron: "0 3 * * *", pipeline: again}}
"""
LABEL = "kueue.x-k8s.io/queue-name"


def test_without_one_jobs_begin_at_once(lower: Lower) -> None:
    sent = lower(JOBS)
    assert LABEL not in sent.inputs("Job", "train")["metadata"]["labels"]


def test_jobs_wait_in_the_queue_that_is_named(lower: Lower) -> None:
    sent = lower(f"settings: {{kubernetes: {{queue: research}}}}\n{JOBS}")
    assert sent.inputs("Job", "train")["metadata"]["labels"][LABEL] == "research"
    nightly = sent.inputs("CronJob", "nightly")["spec"]["jobTemplate"]["metadata"]["labels"]
    assert nightly[LABEL] == "research"
    assert sent.names("LocalQueue") == []


def test_one_is_made_for_a_queue_of_the_cluster(lower: Lower) -> None:
    sent = lower(f"settings: {{kubernetes: {{cluster_queue: gpus}}}}\n{JOBS}")
    [made] = sent.names("LocalQueue")
    assert sent.inputs("LocalQueue", made)["spec"] == {"clusterQueue": "gpus"}


def test_two_queues_are_one_too_many(refused: Refused) -> None:
    told = refused(f"settings: {{kubernetes: {{queue: research, cluster_queue: gpus}}}}\n{JOBS}")
    assert [*told] == ["settings.kubernetes.queue"]


@pytest.mark.parametrize(
    ("conditions", "word"),
    [
        ([("Suspended", "True")], "pending"),
        ([("Suspended", "False")], "running"),
        ([("Suspended", "False"), ("Complete", "True")], "succeeded"),
        ([("Failed", "True")], "failed"),
    ],
)
def test_a_job_that_is_held_is_pending(conditions: list[tuple[str, str]], word: str) -> None:
    held = [SimpleNamespace(type=kind, status=status) for kind, status in conditions]
    assert status_of(SimpleNamespace(conditions=held)) == word
