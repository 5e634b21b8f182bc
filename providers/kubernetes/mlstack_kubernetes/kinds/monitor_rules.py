"""A monitor of latency or errors: a PrometheusRule, for the Prometheus operator of the cluster.

The rule writes down what it measures, as the series that the local target has, and alerts where it is beyond
the threshold. Who is told of an alert is not the rule's to say: the cluster's Alertmanager has routes for
that.

Sources: Prometheus operator, API reference (PrometheusRule); Prometheus, "Alerting rules", "Recording rules".
"""

from __future__ import annotations

from typing import Any

from mlstack_local.monitors.definition import Definition

from mlstack.lowering.values import join, lift
from mlstack.provider import STACK_TAG, Build
from mlstack_kubernetes import offering, prometheus
from mlstack_kubernetes.kinds import scraping
from mlstack_kubernetes.names import physical
from mlstack_kubernetes.place import make, named, place

#: The label of alerts by which a route of an Alertmanager finds a receiver: the notification's name.
NOTIFY = "mlstack_notify"
_QUANTILE = 0.95


def rule(build: Build) -> Any:
    """The id of the PrometheusRule."""
    from pulumi_kubernetes.apiextensions import CustomResource

    spec = build.spec
    if not scraping.operated(build):
        raise build.wrong(
            "signal",
            f"{spec.signal} is judged by a rule of the Prometheus operator, which {_why(build)}",
            "install the operator, and run `mlstack up --replan`; or leave the monitor out, and watch the "
            "pods' /metrics with what the cluster has",
        )
    if scraping.is_unseen(build, spec.endpoint):
        raise build.wrong(
            "endpoint",
            f"{spec.endpoint} is Knative's, whose pods Prometheus is not led to",
            "give its deployment replicas of min: 1, and no target but cpu; or leave the monitor out",
        )
    if spec.notify:
        build.warn(
            "notify",
            "whom an alert reaches, the cluster's Alertmanager says: it carries the label "
            f'{NOTIFY}="{",".join(spec.notify)}", for a route of it to find the receiver by',
        )
    made = make(
        build,
        CustomResource,
        main=True,
        name=physical(build),
        more_labels=build.settings.prometheus.labels,
        api_version="monitoring.coreos.com/v1",
        kind="PrometheusRule",
        spec={
            "groups": [
                {
                    "name": f"mlstack-{build.name}",
                    "interval": prometheus.span(spec.interval),
                    "rules": _rules(build),
                }
            ]
        },
    )
    return join(place(build).namespace, "/", named(made))


def needed(build: Build) -> int:
    """Requests below which a reading says nothing: as many as on one's own machine."""
    spec = build.spec
    return Definition(
        build.name,
        spec.endpoint,
        spec.signal,
        float(spec.threshold),
        quantile=float(spec.quantile or _QUANTILE),
        min_samples=spec.min_samples,
    ).needed


def _why(build: Build) -> str:
    """Why the operator is not used."""
    if build.settings.prometheus.operator == "none":
        return "settings.kubernetes.prometheus says is not used"
    unread = offering.offering(build).unread
    return f"nothing is known of: {unread}" if unread else "the cluster had not when the stack was made"


def _rules(build: Build) -> list[dict[str, Any]]:
    spec = build.spec
    endpoint = build.spec_of("endpoints", spec.endpoint)
    mirrors = [name for name, each in endpoint.deployments.items() if each.mirror]
    matchers = prometheus.of_endpoint(place(build).namespace, spec.endpoint, mirrors)
    window = prometheus.span(spec.window or spec.interval)
    threshold = float(spec.threshold)
    if spec.signal == "latency":
        share = float(spec.quantile or _QUANTILE)
        measure = f"p{100 * share:g}"
        value = lift(matchers, lambda text: prometheus.quantile(text, share, window))
        shown = "{{ $value | humanizeDuration }}"
    else:
        measure = "error rate"
        value = lift(matchers, lambda text: prometheus.errors(text, window))
        shown = "{{ $value | humanizePercentage }}"
    samples = lift(matchers, lambda text: prometheus.answered(text, window))
    labels = {"monitor": build.name, "endpoint": spec.endpoint, "signal": spec.signal}
    told = {NOTIFY: ",".join(spec.notify)} if spec.notify else {}
    return [
        {"record": "mlstack_monitor_value", "expr": value, "labels": labels},
        {"record": "mlstack_monitor_samples", "expr": samples, "labels": labels},
        {"record": "mlstack_monitor_threshold", "expr": f"vector({threshold!r})", "labels": labels},
        {
            "alert": f"mlstack-{build.name}",
            "expr": join("(", value, f") > {threshold!r} and (", samples, f") >= {needed(build)}"),
            "labels": {
                **labels,
                **told,
                "severity": "warning",
                STACK_TAG.replace("-", "_"): build.stack_uid,
            },
            "annotations": {
                "summary": f"{spec.signal} of endpoint {spec.endpoint}: {measure} is {shown}",
                "description": f"{measure} within {window} is over {spec.threshold}, by {needed(build)} "
                "requests at least",
            },
        },
    ]
