"""A batch endpoint: models that a transform job is run with. SageMaker has no address for one.

A deployment is a `sagemaker.Model`; how it is to be run is in its tags, from where `mlstack invoke NAME
--data …` takes it (`mlstack_aws.runtime.batch`). The one with all the traffic is asked where none is named.

Source: SageMaker's API reference, CreateTransformJob.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlstack.provider import Build
from mlstack.spec import Deployment
from mlstack_aws import assets
from mlstack_aws.kinds import answering
from mlstack_aws.place import place
from mlstack_aws.transforms import COUNT, INSTANCE, KEY, PLACE, POOL, SHARE, STRATEGY, TIMEOUT


def build(build: Build) -> Mapping[str, Any]:
    specs: Mapping[str, Deployment] = build.spec.deployments
    made = {
        each: answering.model(build, each, spec, archive=True, more=_settings(build, each, spec))
        for each, spec in specs.items()
    }
    for each, spec in specs.items():
        _warn(build, each, spec)
    default = next(each for each, spec in specs.items() if spec.traffic == 100)
    return {
        "url": None,
        "id": made[default].arn,
        "key": None,
        "deployments": {
            each: {
                "name": made[each].name,
                "id": made[each].arn,
                "traffic": spec.traffic,
                "replicas": spec.replicas.max,
            }
            for each, spec in specs.items()
        },
    }


def _settings(build: Build, name: str, spec: Deployment) -> dict[str, Any]:
    if spec.compute is not None:
        instance = assets.compute_instance(build, spec.compute)
    else:
        instance = build.instance(spec, "deployments", name, least=0)
    found: dict[str, Any] = {} if spec.compute is None else {POOL: spec.compute}
    found |= {
        INSTANCE: instance,
        COUNT: str(spec.replicas.max),
        STRATEGY: "SingleRecord" if spec.mini_batch == 1 else "MultiRecord",
        SHARE: str(spec.traffic),
        PLACE: place(build).uri,
    }
    if place(build).key is not None:
        found[KEY] = place(build).key
    if spec.timeout is not None:
        found[TIMEOUT] = str(max(1, round(spec.timeout)))
    return found


def _warn(build: Build, name: str, spec: Deployment) -> None:
    at = f"deployments.{name}"
    if spec.mini_batch is not None and spec.mini_batch > 1:
        build.warn(
            f"{at}.mini_batch",
            "a transform job fills a request up to 6 MB, whatever the number of rows; 1 is one row a request",
        )
    if spec.max_errors:
        build.warn(f"{at}.max_errors", "a transform job fails with the first request that the model refuses")
    for field in ("min", "target", "idle"):
        if field in spec.replicas.model_fields_set and getattr(spec.replicas, field) is not None:
            build.warn(f"{at}.replicas.{field}", "has no effect: machines of a run end with it")
    if spec.disk is not None:
        build.warn(f"{at}.disk", "has no effect: a transform job's machines bring their own")
