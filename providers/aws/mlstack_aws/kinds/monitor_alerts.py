"""Monitors of requests: an alarm of CloudWatch on what SageMaker measures of an endpoint's variants.

Source: SageMaker AI developer guide, "Amazon SageMaker AI metrics in Amazon CloudWatch": ModelLatency in
microseconds, Invocation5XXErrors and Invocations, by EndpointName and VariantName. CloudWatch looks every
minute (user guide, "Evaluating an alarm").
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlstack.provider import Build
from mlstack_aws.kinds import alarms
from mlstack_aws.kinds.served import served

NAMESPACE = "AWS/SageMaker"
_QUANTILE = 0.95


def alarm(build: Build) -> Any:
    """The ARN of the alarm."""
    spec = build.spec
    if spec.every is not None and spec.window is not None and spec.every != spec.window:
        build.warn("every", f"CloudWatch looks every minute, each time at the last {spec.window}")
    quantile = spec.quantile if spec.quantile is not None else _QUANTILE
    latency = spec.signal == "latency"
    return alarms.make(
        build,
        queries=(_latencies if latency else _errors)(build, f"p{quantile * 100:g}"),
        threshold=spec.threshold.milliseconds * 1000 if latency else float(spec.threshold),
        main=True,
    )


def _latencies(build: Build, statistic: str) -> Iterator[Any]:
    """The slowest variant's; nothing where there are fewer requests than are asked for."""
    yield from _each(build, "latency", "ModelLatency", statistic)
    slowest = f"MAX([{_ids(build, 'latency')}])"
    if build.spec.min_samples is None:
        yield alarms.result(slowest)
    else:
        yield from _each(build, "requests", "Invocations", "Sum")
        yield alarms.result(f"IF(SUM([{_ids(build, 'requests')}]) >= {build.spec.min_samples}, {slowest}, 0)")


def _errors(build: Build, _statistic: str) -> Iterator[Any]:
    """The part of all variants' requests that failed."""
    yield from _each(build, "errors", "Invocation5XXErrors", "Sum")
    yield from _each(build, "requests", "Invocations", "Sum")
    requests, errors = (f"SUM([{_ids(build, word)}])" for word in ("requests", "errors"))
    yield alarms.result(f"IF({requests} >= {build.spec.min_samples or 1}, {errors} / {requests}, 0)")


def _each(build: Build, word: str, metric: str, statistic: str) -> Iterator[Any]:
    endpoint, variants = _variants(build)
    seconds = build.spec.window or build.spec.interval
    for number, variant in enumerate(variants):
        of = {"EndpointName": endpoint, "VariantName": variant}
        yield alarms.metric(f"{word}{number}", NAMESPACE, metric, of, seconds, statistic)


def _ids(build: Build, word: str) -> str:
    return ", ".join(f"{word}{number}" for number, _ in enumerate(_variants(build)[1]))


def _variants(build: Build) -> tuple[str, list[Any]]:
    """The endpoint's name on AWS, and its variants without those that get copies of requests, for which
    nobody waits. Components of one variant have one name."""
    name = build.spec.endpoint
    found, deployments = served(build, name), build.spec_of("endpoints", name).deployments
    answering = [variant for key, variant in found.variants.items() if not deployments[key].mirror]
    return found.endpoint, list(dict.fromkeys(answering))
