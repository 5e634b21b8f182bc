"""Endpoints on SageMaker: what is refused, and what makes no input.

Limits are those of SageMaker's developer guide ("Shadow variants", "Deploy models with Amazon SageMaker
Serverless Inference", "Scale an endpoint to zero instances", "Custom inference code with hosting services")
and of its API reference (EndpointConfig, ProductionVariant).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping

from mlstack_serving.flavors import PACKAGES

from mlstack.lowering.flavor import flavor_of
from mlstack.lowering.support import Refusal
from mlstack.placement.machine import accelerated
from mlstack.provider import Way
from mlstack.spec import Deployment, Endpoint, InlineModel, Stack
from mlstack_aws import rollouts
from mlstack_aws.catalogue import CAPABILITIES
from mlstack_aws.kinds import machines

UNSUPPORTED: Mapping[str, str] = {
    "endpoints.auth=key": "SageMaker has no keys: requests are signed by an identity of AWS (SigV4), and IAM "
    "says who may; leave it out, or set auth: identity",
    "endpoints.auth=token": "SageMaker has no tokens: requests are signed by an identity of AWS (SigV4), and "
    "IAM says who may; leave it out, or set auth: identity",
    "endpoints.deployments.capture.rotate": "SageMaker begins new files by itself: leave it out",
    "endpoints.deployments.capture.keep": "captures are files in the stack's bucket: leave it out, and set a "
    "lifecycle rule on captures/ there",
}
NO_INPUT: Mapping[str, str] = {
    "endpoints.public": "all endpoints of a region have one public address, and ask for signed requests",
    "endpoints.auth": "SageMaker's only way, signed requests, is what is meant",
}

_TWO = {
    "endpoints": {
        "one": {
            "deployments": {"other": {"model": "one", "environment": "one", "traffic": 100, "capture": {}}}
        }
    }
}

_BATCH = {"endpoints": {"one": {"type": "batch", "deployments": {"main": {"capture": None}}}}}

_STEPS = {"steps": [25, 50, 75, 100], "every": "5m"}
_ROLLING = {"endpoints": {"one": {"rollout": _STEPS, "deployments": {"main": {"replicas": {"min": 2}}}}}}

WAYS: Mapping[str, Way] = {
    "endpoints.auth": Way("identity", value="identity"),
    "endpoints.public": Way("true", value=True),
    "endpoints.deployments.compute": Way("of a batch endpoint", _BATCH, "one"),
    "endpoints.deployments.cpus": Way("any number", value=16),
    "endpoints.deployments.mirror": Way("beside one other deployment", _TWO),
    "endpoints.deployments.timeout": Way("up to 60s; of a batch endpoint up to 1h", value="60s"),
    "endpoints.rollout": Way("of two copies and more; two steps, or equal ones", _ROLLING),
    "endpoints.rollout.steps": Way("two, or equal ones", _ROLLING, [20, 40, 60, 80, 100]),
    "endpoints.deployments.replicas.target.gpu": Way(
        "of a machine with an accelerator",
        {"endpoints": {"one": {"deployments": {"main": {"size": "gpu-t4"}}}}},
    ),
    "endpoints.deployments.capture.sample": Way("in whole percent", value=0.5),
}

_SECONDS, _BATCH_SECONDS = 60, 3600
_WHOLE = 100
#: ProductionVariant.ContainerStartupHealthCheckTimeoutInSeconds, and ContainerDefinition.Environment.
_START_SECONDS, _VARIABLE = 3600, 1024
_CAPTURE_AT = ("capture", "sample")

Found = tuple[tuple[str | int, ...], str, str | None]


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, endpoint in stack.endpoints.items():
        of_endpoint = _of_batch_endpoint if endpoint.type == "batch" else _of_online_endpoint
        for path, message, remedy in of_endpoint(name, endpoint):
            yield ("endpoints", name, *path), message, remedy
        for each, deployment in endpoint.deployments.items():
            of = _of_batch if endpoint.type == "batch" else _of_online
            for path, message, remedy in (*_of_deployment(stack, deployment), *of(stack, deployment)):
                yield ("endpoints", name, "deployments", each, *path), message, remedy


def _of_address(endpoint: Endpoint) -> Iterator[Found]:
    if endpoint.public is False:
        yield (
            ("public",),
            "all endpoints of a region have one address, and ask for signed requests",
            "leave it out, and allow sagemaker:InvokeEndpoint with the condition aws:SourceVpce alone",
        )


def _of_batch_endpoint(name: str, endpoint: Endpoint) -> Iterator[Found]:
    yield from _of_address(endpoint)
    shares = {each: deployment.traffic or 0 for each, deployment in endpoint.deployments.items()}
    if 100 not in shares.values():
        first = max(shares, key=lambda each: shares[each])
        yield (
            ("deployments", first, "traffic"),
            "a run is one deployment's: there is a default, and no split",
            f"set traffic: 100 on one; `mlstack invoke {name} --deployment NAME` asks another",
        )


def _of_online_endpoint(name: str, endpoint: Endpoint) -> Iterator[Found]:
    yield from _of_address(endpoint)
    specs = endpoint.deployments
    ways = {each: machines.way(spec) for each, spec in specs.items()}
    for each, way in ways.items():
        if way != "instances" and len(specs) > 1:
            yield (
                ("deployments", each, "replicas", "min"),
                "an endpoint that sleeps has one deployment on SageMaker",
                "set min: 1, or make an endpoint of its own for it",
            )
    yield from _of_rollout(endpoint, ways.values())
    mirrors = [each for each, spec in specs.items() if spec.mirror]
    for each in mirrors:
        if len(specs) != 2 or len(mirrors) != 1:
            yield (
                ("deployments", each, "mirror"),
                "SageMaker copies requests from one deployment to one other, and there may be no third",
                "leave it out, or leave out all but one beside it",
            )
    captures = {each: spec.capture.sample if spec.capture else None for each, spec in specs.items()}
    if len(set(captures.values())) > 1:
        least = min(captures, key=lambda each: captures[each] or 0.0)
        yield (
            ("deployments", least, "capture"),
            "SageMaker captures the requests of an endpoint as a whole, and not of one deployment alone",
            "give all deployments the same capture, or none",
        )


def _of_rollout(endpoint: Endpoint, ways: Collection[str]) -> Iterator[Found]:
    """Deployment guardrails: which steps there are, how long they are, and where there are none."""
    rollout = endpoint.rollout
    if rollout is None:
        return
    if any(way != "instances" for way in ways):
        yield (
            ("rollout",),
            "an endpoint that sleeps goes over at once on SageMaker",
            "leave it out, or set replicas.min: 1",
        )
        return
    for name, spec in endpoint.deployments.items():
        if len(rollout.steps) > 1 and spec.replicas.min < 2 and not spec.mirror:
            yield (
                ("rollout", "steps"),
                f"a step is at most half of a deployment's machines, and {name} has one",
                f"set replicas.min: 2 or more there, or steps: [{_WHOLE}]",
            )
            return
    first, equal = rollout.steps[0], rollouts.step(rollout)
    low, high = rollouts.ROLLING if rollout.in_place else rollouts.LINEAR
    if rollout.in_place and sum(not each.mirror for each in endpoint.deployments.values()) > 1:
        yield (
            ("rollout", "in_place"),
            "SageMaker renews machines in place where an endpoint has one deployment",
            "leave it out, or make an endpoint of its own for each",
        )
    if rollout.in_place and (equal is None or not low <= first <= high):
        yield (
            ("rollout", "steps"),
            f"in place SageMaker renews equal parts, of {low} to {high} percent",
            "write equal steps, such as [25, 50, 75, 100]",
        )
    elif not rollout.in_place and len(rollout.steps) == 2 and first > rollouts.CANARY[1]:
        yield (
            ("rollout", "steps"),
            f"the first of two steps has at most {rollouts.CANARY[1]} percent on SageMaker",
            "write a smaller one, such as [10, 100]",
        )
    elif not rollout.in_place and len(rollout.steps) > 2 and (equal is None or not low <= first <= high):
        yield (
            ("rollout", "steps"),
            f"SageMaker goes over in two steps, or in equal ones of {low} to {high} percent",
            f"write two, such as [{min(first, rollouts.CANARY[1])}, 100], or equal ones, such as "
            "[25, 50, 75, 100]",
        )
    if rollout.every > rollouts.LONGEST_WAIT or rollout.every % 1:
        yield ("rollout", "every"), "SageMaker waits whole seconds, an hour at most", "set 1h or less"
    elif rollouts.seconds(rollout) > rollouts.LONGEST[1]:
        yield (
            ("rollout", "every"),
            "SageMaker gives all steps 8 hours, in which machines have to start too",
            f"set {(rollouts.LONGEST[1] - rollouts.STARTING) // len(rollout.steps) // 60}m or less",
        )


def _of_deployment(stack: Stack, deployment: Deployment) -> Iterator[Found]:
    """What holds for both types."""
    if deployment.environment is None and deployment.server is None and not _is_package(stack, deployment):
        flavor = flavor_of(deployment, stack.models.get, stack.root)
        if flavor not in PACKAGES:
            yield (
                (),
                "nothing says which packages this deployment needs",
                "set environment, or the model's flavor: one of " + ", ".join(PACKAGES),
            )
    if deployment.code is not None and _is_package(stack, deployment):
        yield (
            ("code",),
            "a model package brings its own image, which runs its own code",
            "leave code out, or give the model by path",
        )
    for which in ("ready", "live"):
        probe = getattr(deployment.probes, which) if deployment.probes else None
        if probe is not None and probe.path is not None and not probe.path.startswith("/"):
            yield ("probes", which, "path"), f"{probe.path!r} is no path", f"write /{probe.path}"
    container = deployment.server.container if deployment.server else None
    if container is not None:
        if not container.health.startswith("/"):
            yield (
                ("server", "container", "health"),
                f"{container.health!r} is no path",
                f"write /{container.health}",
            )
        if container.command is None and (container.port, container.health) != (8080, "/ping"):
            yield (
                ("server", "container", "command"),
                "SageMaker asks GET /ping and POST /invocations on port 8080: what is put before this server "
                "has to start it",
                "give its command; or have the image answer these, with port: 8080 and health: /ping",
            )
    if isinstance(deployment.model, InlineModel):
        from mlstack_aws.support import models

        of_source = getattr(models, "of_source", None)
        if of_source is not None:
            yield from of_source(stack, ("model",), deployment.model)


def _of_online(stack: Stack, deployment: Deployment) -> Iterator[Found]:
    target = deployment.replicas.target
    if target is not None and target.gpu is not None and accelerated(CAPABILITIES, deployment) is False:
        yield (
            ("replicas", "target", "gpu"),
            "its machine has no accelerator whose use could be followed",
            "follow cpu or rps, or set gpu or size: gpu-t4 at the deployment",
        )
    if deployment.compute is not None:
        yield (
            ("compute",),
            "a pool runs jobs and batch endpoints; what answers requests has instances of its own",
            "leave it out, and give size, instance or requirements",
        )
    if deployment.timeout is not None and deployment.timeout > _SECONDS:
        yield (
            ("timeout",),
            f"SageMaker gives an answer {_SECONDS}s",
            f"set {_SECONDS}s, or use an endpoint of type: batch",
        )
    idle = deployment.replicas.idle
    if idle is not None and idle % 1:
        yield ("replicas", "idle"), "SageMaker waits whole seconds", f"set {max(1, round(idle))}s"
    yield from _of_start(deployment)
    for variable, value in deployment.env.items():
        if isinstance(value, str) and len(value) > _VARIABLE:
            yield (
                ("env", variable),
                f"SageMaker takes {_VARIABLE} characters of a variable, and this has {len(value)}",
                "put it into a file beside the model, or of the deployment's code",
            )
    if deployment.disk is not None and not 1 <= math.ceil(deployment.disk) <= 512:
        yield ("disk",), "a volume has 1 to 512 GB", "set 512 or less"
    capture = deployment.capture
    if capture is not None and (capture.sample * 100) % 1:
        yield (
            _CAPTURE_AT,
            "SageMaker captures in whole percent",
            f"set {round(capture.sample, 2)}",
        )
    way = machines.way(deployment)
    if way == "serverless":
        yield from _of_serverless(stack, deployment)
    elif way == "components":
        yield from _of_components(deployment)


def _of_start(deployment: Deployment) -> Iterator[Found]:
    ready = deployment.probes.ready if deployment.probes else None
    delay = ready.initial_delay if ready is not None else None
    if delay is not None and (delay > _START_SECONDS or delay % 1):
        yield (
            ("probes", "ready", "initial_delay"),
            "SageMaker waits whole seconds, an hour at most, until a container answers",
            "set 1h or less, and load a large model after the first answers",
        )


def _of_serverless(stack: Stack, deployment: Deployment) -> Iterator[Found]:
    more = "or set replicas.min: 1"
    for field in ("size", "instance"):
        if getattr(deployment, field) is not None:
            yield (
                (field,),
                "with replicas.min: 0 and no accelerator a deployment is serverless, and has no machine",
                f"leave it out, and set memory: 1 to 6; {more}",
            )
    if deployment.memory is not None and math.ceil(deployment.memory) > machines.SERVERLESS_MEMORY[-1]:
        yield ("memory",), "a serverless copy has 1 to 6 GiB", f"set 6 or less; {more}"
    if machines.serverless_concurrency(deployment) > machines.SERVERLESS_MOST:
        yield (
            ("replicas", "max"),
            f"a serverless deployment works on {machines.SERVERLESS_MOST} requests at a time at most",
            f"set {machines.SERVERLESS_MOST} or less (times target.concurrency); {more}",
        )
    for field in ("rps", "cpu", "gpu"):
        if deployment.replicas.target is not None and getattr(deployment.replicas.target, field) is not None:
            yield (
                ("replicas", "target", field),
                "a serverless deployment follows the requests under way",
                f"set target: {{concurrency: …}}, or leave it out; {more}",
            )
    if deployment.capture is not None:
        yield ("capture",), "of a serverless deployment nothing can be captured", f"leave it out; {more}"
    if stack.security == "strict" or (stack.workspace is not None and stack.workspace.network == "private"):
        yield (
            ("replicas", "min"),
            "a serverless deployment cannot be in a private network",
            "set min: 1",
        )


def _of_components(deployment: Deployment) -> Iterator[Found]:
    target = deployment.replicas.target
    for field in ("rps", "cpu", "gpu"):
        if target is not None and getattr(target, field) is not None:
            yield (
                ("replicas", "target", field),
                "copies that may all go follow the requests under way",
                "set target: {concurrency: …}, or replicas.min: 1",
            )
    if deployment.capture is not None:
        yield (
            ("capture",),
            "an endpoint whose instances may all go captures nothing",
            "leave it out, or set replicas.min: 1",
        )


def _of_batch(stack: Stack, deployment: Deployment) -> Iterator[Found]:
    if deployment.timeout is not None and deployment.timeout > _BATCH_SECONDS:
        yield ("timeout",), f"a transform job waits {_BATCH_SECONDS}s for an answer at most", "set 1h or less"
    pool = stack.compute.get(deployment.compute) if deployment.compute else None
    if pool is not None and pool.cluster is not None:
        yield ("compute",), "a transform job runs on machines of SageMaker's own", "name another pool"


def _is_package(stack: Stack, deployment: Deployment) -> bool:
    found = deployment.model
    source = stack.models.get(found) if isinstance(found, str) else found
    return source is not None and source.registry is not None
