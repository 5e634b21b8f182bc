"""Monitors and who they tell, in a cluster: what must be there for a signal to be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering import cron
from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Endpoint, Stack
from mlstack.spec.monitor import Monitor
from mlstack_kubernetes import prometheus
from mlstack_kubernetes.support.common import settings_of

_OWN = (
    "a monitor's pod has no packages of a user's own: leave it out, and read the captures in a job that a "
    "schedule starts (they are on the stack's volume, below captures/)"
)
UNSUPPORTED: Mapping[str, str] = {
    "monitors.signal=feature-attribution": _OWN,
    "monitors.code": _OWN,
}
_CARRIED = "the pods of the monitors that name it carry it"
NO_INPUT: Mapping[str, str] = {
    f"notifications.{channel}": _CARRIED
    for channel in ("email", "slack", "teams", "pagerduty", "webhook", "apprise")
}
_OPERATOR = {"settings": {"kubernetes": {"prometheus": {"operator": "used"}}}}
_MAIL = {"settings": {"kubernetes": {"smtp": {"host": "mail.example.com"}}}}
WAYS: Mapping[str, Way] = {
    "monitors.every": Way("of times that divide an hour or a day", value="6h"),
    "monitors.quantile": Way("with the Prometheus operator", _OPERATOR),
    "monitors.notify": Way("with settings.kubernetes.smtp, where it is mail", _MAIL),
    "notifications": Way("with settings.kubernetes.smtp, where it is mail", _MAIL),
}

_COUNTED = ("latency", "errors")
_ELSEWHERE = ("cost", "custom", "feature-attribution")

Found = tuple[str, str, str | None]


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, monitor in stack.monitors.items():
        endpoint = stack.endpoints.get(monitor.endpoint)
        if monitor.signal == "cost":
            yield (
                ("monitors", name, "signal"),
                "a cluster has no prices",
                "watch them at the cloud that runs it, and leave the monitor out",
            )
        if endpoint is None or monitor.signal in _ELSEWHERE:
            continue
        found = _of_rule(monitor, endpoint) if monitor.signal in _COUNTED else _of_data(monitor, endpoint)
        for field, message, remedy in found:
            yield ("monitors", name, field), message, remedy
    yield from _mail(stack)


def _of_data(monitor: Monitor, endpoint: Endpoint) -> Iterator[Found]:
    if endpoint.type == "batch":
        yield (
            "endpoint",
            f"{monitor.endpoint} is a batch endpoint, which has no requests to watch",
            "name an online endpoint, or compare the runs' outputs in a job",
        )
        return
    if not any(each.capture is not None and not each.mirror for each in endpoint.deployments.values()):
        deployment = next(iter(endpoint.deployments))
        yield (
            "endpoint",
            f"{monitor.signal} is read from captured requests, and no deployment of {monitor.endpoint} "
            "that answers callers captures any",
            f"set endpoints.{monitor.endpoint}.deployments.{deployment}.capture: {{sample: 1.0}}",
        )
    if cron.every(monitor.interval) is None:
        yield (
            "every",
            "a CronJob starts by the clock, which this time does not divide evenly",
            "set minutes that divide an hour (5m, 15m, 30m), hours that divide a day (1h, 6h, 12h), 1d or 7d",
        )


def _of_rule(monitor: Monitor, endpoint: Endpoint) -> Iterator[Found]:
    strangers = [name for name, each in endpoint.deployments.items() if each.server is not None]
    if endpoint.type == "batch" or strangers:
        yield (
            "endpoint",
            f"{monitor.signal} is read from the figures of mlstack's own server, which does not answer here",
            "name an endpoint whose deployments have no server of their own; or write the rule for its "
            "figures yourself",
        )
    for field, seconds in (("window", monitor.window), ("every", monitor.interval)):
        if seconds is not None and (seconds < prometheus.SHORTEST or seconds % 1):
            yield (
                field,
                f"a Prometheus looks every {prometheus.INTERVAL} seconds, and counts in whole ones",
                f"set {max(prometheus.SHORTEST, round(seconds))}s or more",
            )
    if monitor.signal == "latency" and float(monitor.threshold) >= prometheus.LONGEST:  # type: ignore[arg-type]
        yield (
            "threshold",
            f"the server counts what takes longer than {prometheus.LONGEST:g} seconds as one",
            f"set less than {prometheus.LONGEST:g}s",
        )


def _mail(stack: Stack) -> Iterator[Refusal]:
    smtp = settings_of(stack).smtp
    if smtp is None:
        for name, notification in stack.notifications.items():
            if notification.email is not None:
                yield (
                    ("notifications", name, "email"),
                    "nothing says by which server mail is sent",
                    "set settings.kubernetes.smtp: {host: SERVER}, or give a webhook",
                )
    elif smtp.password is not None and smtp.password not in stack.secrets:
        yield (
            ("settings", "kubernetes", "smtp", "password"),
            f"there is no secret {smtp.password!r}",
            f"declare it: secrets: {{{smtp.password}: {{env: VARIABLE}}}}",
        )
