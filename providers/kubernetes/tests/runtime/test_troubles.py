"""What the statuses of pods and their owners are taken for. They are written as the API server has them."""

from __future__ import annotations

from typing import Any

import pytest
from mlstack_kubernetes.runtime.troubles import of_event, of_owner, of_pod, told


def pod(
    *containers: dict[str, Any], kind: str = "endpoints", name: str = "p", **status: Any
) -> dict[str, Any]:
    return {
        "metadata": {
            "name": name,
            "namespace": "space",
            "labels": {
                "app.kubernetes.io/name": "scores-main",
                "app.kubernetes.io/part-of": f"{kind}.scores",
            },
        },
        "status": {"phase": "Pending", "containerStatuses": list(containers), **status},
    }


def waiting(reason: str, message: str = "", **more: Any) -> dict[str, Any]:
    return {
        "name": "main",
        "image": "host/i:1",
        "state": {"waiting": {"reason": reason, "message": message}},
        **more,
    }


@pytest.mark.parametrize(
    ("container", "category", "says", "remedy"),
    [
        (
            waiting("ErrImagePull", "not found"),
            "user",
            "host/i:1 cannot be pulled: not found",
            "imagePullSecrets",
        ),
        (
            waiting("ImagePullBackOff"),
            "user",
            "host/i:1 cannot be pulled: ImagePullBackOff",
            "imagePullSecrets",
        ),
        (waiting("InvalidImageName", "bad\n form."), "user", "cannot be pulled: bad form", "name"),
        (
            waiting("CreateContainerConfigError", 'secret "s" not found'),
            "user",
            'secret "s" not found',
            "kubectl",
        ),
        (
            waiting(
                "CrashLoopBackOff",
                restartCount=3,
                ready=False,
                lastState={"terminated": {"reason": "OOMKilled", "exitCode": 137}},
            ),
            "user",
            "for want of memory",
            "more memory",
        ),
        (
            {
                "name": "main",
                "image": "i",
                "state": {"running": {}},
                "restartCount": 4,
                "ready": False,
                "lastState": {"terminated": {"reason": "Error", "exitCode": 3}},
            },
            "user",
            "exit code 3",
            "mlstack logs",
        ),
    ],
)
def test_containers(container: dict[str, Any], category: str, says: str, remedy: str) -> None:
    trouble = of_pod(pod(container))
    assert trouble is not None
    assert (trouble.where, trouble.category) == ("endpoints.scores-main", category)
    assert says in trouble.message
    assert remedy in trouble.remedy


@pytest.mark.parametrize(
    "well",
    [
        pod(waiting("ContainerCreating")),
        pod(waiting("PodInitializing")),
        pod(
            waiting(
                "CrashLoopBackOff", restartCount=1, ready=False, lastState={"terminated": {"exitCode": 1}}
            )
        ),
        pod({"name": "main", "restartCount": 9, "ready": True, "lastState": {"terminated": {"exitCode": 1}}}),
        pod(waiting("ErrImagePull"), phase="Succeeded"),
        {**pod(), "metadata": {**pod()["metadata"], "deletionTimestamp": "2026-01-01T00:00:00Z"}},
    ],
)
def test_what_is_on_its_way_or_well_is_no_trouble(well: dict[str, Any]) -> None:
    assert of_pod(well) is None


def test_an_init_container_counts_too_and_comes_first() -> None:
    trouble = of_pod(
        pod(waiting("PodInitializing"), initContainerStatuses=[waiting("ErrImagePull", "denied")])
    )
    assert trouble is not None
    assert trouble.message == "pod p: the image host/i:1 cannot be pulled: denied"


@pytest.mark.parametrize(
    ("message", "remedy"),
    [
        ("0/4 nodes are available: 4 Insufficient nvidia.com/gpu.", "no node has nvidia.com/gpu left"),
        ("0/4 nodes are available: 4 Insufficient cpu.", "ask for less"),
        ("0/4 nodes are available: 4 node(s) didn't match Pod's node affinity/selector.", "of the kind"),
        ('0/4 nodes are available: persistentvolumeclaim "v" not found. PersistentVolumeClaim', "volume"),
    ],
)
def test_what_no_node_can_take_waits_as_long_as_a_node_may_need(message: str, remedy: str) -> None:
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    trouble = of_pod(pod(conditions=[condition], kind="jobs"), patience=300)
    assert trouble is not None
    assert (trouble.where, trouble.category, trouble.patience) == ("jobs.scores-main", "quota", 300)
    assert remedy in trouble.remedy


def test_owners_that_may_make_no_pod() -> None:
    message = 'pods "x" is forbidden: exceeded quota: none, requested: pods=1, used: pods=0, limited: pods=0'
    condition = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message}
    deployment = {"kind": "Deployment", "metadata": {"name": "d"}, "status": {"conditions": [condition]}}
    trouble = of_owner(deployment)
    assert trouble is not None
    assert (trouble.where, trouble.category) == ("Deployment d", "quota")
    condition["status"] = "False"
    assert of_owner(deployment) is None


def test_a_job_says_it_by_an_event() -> None:
    job = {
        "kind": "Job",
        "metadata": {"name": "train-1"},
        "spec": {
            "template": {
                "metadata": {
                    "labels": {"app.kubernetes.io/name": "train", "app.kubernetes.io/part-of": "jobs.train"}
                }
            }
        },
    }
    event = {
        "type": "Warning",
        "reason": "FailedCreate",
        "message": 'violates PodSecurity "restricted:latest"',
    }
    trouble = of_event(job, event)
    assert trouble is not None
    assert (trouble.where, trouble.category) == ("jobs.train", "permission")
    assert of_event(job, {**event, "reason": "SuccessfulCreate"}) is None


def test_each_place_is_told_once_and_none_is_waited_for_longer_than_was_said() -> None:
    pods = [pod(waiting("ErrImagePull"), name=name) for name in ("a", "b")]
    [trouble] = told(pods, [], [], patience=5)
    assert trouble.patience == 5
    assert trouble.message.startswith("pod a: ")
