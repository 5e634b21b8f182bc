"""Monitors as the builders make them: what a pod is told, what a rule says."""

from __future__ import annotations

import json
from typing import Any

import promql_parser
import pytest

from tests.lowered import Lower, Refused, Sent

ENDPOINT = """
workspace: {existing: ml}
models: {net: {path: files/net, flavor: lightgbm}}
data: {rows: {path: data/rows.csv, type: file, columns: {label: label}}}
endpoints:
  net:
    deployments:
      main: {model: net, traffic: 100, capture: {sample: 0.5, rotate: 10m, keep: 7d}}
"""
OPERATOR = "settings: {kubernetes: {prometheus: {operator: used, labels: {release: stack}}}}"
DRIFT = "drift: {endpoint: net, signal: data-drift, baseline: data.rows, threshold: 0.2, every: 1h"


def pod_of(manifest: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = manifest["spec"]["containers"][0]
    return found


def env_of(manifest: dict[str, Any]) -> dict[str, Any]:
    return {each["name"]: each.get("value") for each in pod_of(manifest)["env"]}


def reading(sent: Sent, name: str = "drift") -> dict[str, Any]:
    """The template of a monitor's pod."""
    job = sent.inputs("CronJob", name)["spec"]["jobTemplate"]["spec"]
    found: dict[str, Any] = job["template"]
    return found


def rules(sent: Sent, name: str) -> dict[str, dict[str, Any]]:
    [group] = sent.inputs("PrometheusRule", name)["spec"]["groups"]
    return {each.get("record", "alert"): each for each in group["rules"]}


def test_a_deployment_captures_onto_the_stacks_volume(lower: Lower) -> None:
    made = lower(ENDPOINT).inputs("Deployment", "net-main")["spec"]["template"]
    env = env_of(made)
    [mount] = [each for each in pod_of(made)["volumeMounts"] if each["mountPath"] == env["MLSTACK_CAPTURE"]]
    assert (mount["name"], mount["subPath"]) == ("stack", "captures/net/main")
    assert "readOnly" not in mount
    assert {key: env[f"MLSTACK_CAPTURE_{key}"] for key in ("SAMPLE", "ROTATE", "KEEP")} == {
        "SAMPLE": "0.5",
        "ROTATE": "600.0",
        "KEEP": "604800.0",
    }
    assert env["MLSTACK_DEPLOYMENT"] == "main"


def test_a_monitor_of_data_reads_what_that_deployment_writes(lower: Lower) -> None:
    sent = lower(f"{ENDPOINT}\nmonitors:\n  {DRIFT}, metric: ks, window: 1d, min_samples: 7}}")
    made = reading(sent)
    task = json.loads(env_of(made)["MLSTACK_MONITOR"])
    assert task["deployments"] == ["main"]
    assert task["definition"] | {"baseline": None} == {
        "name": "drift",
        "endpoint": "net",
        "signal": "data-drift",
        "threshold": 0.2,
        "metric": "ks",
        "baseline": None,
        "features": None,
        "code": None,
        "every": 3600.0,
        "window": 86400.0,
        "min_samples": 7,
        "notify": [],
        "project": task["definition"]["project"],
    }
    assert task["definition"]["baseline"]["columns"] == {"label": "label"}
    places = {each["mountPath"]: each for each in pod_of(made)["volumeMounts"]}
    assert places["/mnt/captures"]["subPath"] == "captures/net"
    assert places["/mnt/captures"]["readOnly"]
    assert sent.inputs("CronJob", "drift")["spec"]["schedule"] == "0 * * * *"


def test_copies_of_requests_are_not_read_again(lower: Lower) -> None:
    gateway = "{internal_gateway: {name: inside, address: 'http://inside.example.com'}}"
    sent = lower(
        f"settings: {{kubernetes: {gateway}}}\n{ENDPOINT}"
        "      shadow: {model: net, traffic: 0, mirror: 20, capture: {}}\n"
        f"monitors:\n  {DRIFT}}}"
    )
    assert json.loads(env_of(reading(sent))["MLSTACK_MONITOR"])["deployments"] == ["main"]


def test_addresses_that_are_secrets_are_files_of_the_pod(
    lower: Lower, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLSTACK_CONFORMANCE_ONE", "https://hooks.example.com/a-canary")
    sent = lower(
        f"secrets: {{hook: {{env: MLSTACK_CONFORMANCE_ONE}}}}\n{ENDPOINT}"
        "notifications: {on-call: {slack: {secret: hook}}, log: {webhook: 'http://log.example.com/'}}\n"
        f"monitors:\n  {DRIFT}, notify: [on-call, log]}}"
    )
    made = reading(sent)
    assert "a-canary" not in str(made)
    secret, plain = json.loads(env_of(made)["MLSTACK_MONITOR"])["channels"]
    assert secret == {"name": "on-call", "kind": "slack", "secret": "NOTIFY_ON_CALL", "smtp": {}}
    assert plain == {"name": "log", "kind": "webhook", "address": "http://log.example.com/", "smtp": {}}
    places = [each["mountPath"] for each in pod_of(made)["volumeMounts"]]
    assert f"{env_of(made)['MLSTACK_MONITOR_SECRETS']}/NOTIFY_ON_CALL" in places


def test_mail_goes_by_the_server_of_the_settings(lower: Lower, refused: Refused) -> None:
    text = f"{ENDPOINT}notifications: {{us: {{email: us@example.com}}}}\nmonitors:\n  {DRIFT}, notify: [us]}}"
    assert refused(text) == {"notifications.us.email": "nothing says by which server mail is sent"}
    smtp = "{smtp: {host: mail.example.com, security: tls, user: me, password: word, from: ml@example.com}}"
    secrets = "secrets: {word: {env: MLSTACK_CONFORMANCE_ONE}}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLSTACK_CONFORMANCE_ONE", "the-word")
        made = reading(lower(f"settings: {{kubernetes: {smtp}}}\n{secrets}\n{text}"))
    [channel] = json.loads(env_of(made)["MLSTACK_MONITOR"])["channels"]
    assert channel["smtp"] == {
        "host": "mail.example.com",
        "port": 465,
        "security": "tls",
        "user": "me",
        "password": "SMTP_PASSWORD",
        "sender": "ml@example.com",
    }


def test_what_is_asked_of_prometheus_is_in_its_language(lower: Lower) -> None:
    """By a parser that is not ours."""
    gateway = "internal_gateway: {name: inside, address: 'http://inside.example.com'}"
    sent = lower(
        f"settings: {{kubernetes: {{prometheus: {{operator: used}}, {gateway}}}}}\n{ENDPOINT}"
        "      shadow: {model: net, traffic: 0, mirror: 20}\n"
        "monitors: {slow: {endpoint: net, signal: latency, threshold: 200ms, quantile: 0.999}, "
        "bad: {endpoint: net, signal: errors, threshold: 0.1%, window: 1d}}"
    )
    asked = [each["expr"] for name in ("slow", "bad") for each in rules(sent, name).values()]
    [text] = sent.inputs("ConfigMap", "net-dashboard")["data"].values()
    asked += [
        each["expr"].replace("$__rate_interval", "1m")  # which Grafana fills in
        for panel in json.loads(text)["panels"]
        for each in panel["targets"]
    ]
    assert len(asked) == 18
    for expression in asked:
        promql_parser.parse(expression)
    [alert] = [each for each in asked if each.startswith("(histogram_quantile(0.999")]
    parsed = promql_parser.parse(alert)
    assert isinstance(parsed, promql_parser.BinaryExpr)
    assert str(parsed.op) == "and"
    assert 'app_kubernetes_io_name!~"net-shadow"' in alert


def test_without_the_operator_pods_say_where_their_figures_are(lower: Lower, refused: Refused) -> None:
    made = lower(ENDPOINT).inputs("Deployment", "net-main")["spec"]["template"]
    assert made["metadata"]["annotations"] == {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": "8080",
        "prometheus.io/path": "/metrics",
    }
    slow = "monitors: {slow: {endpoint: net, signal: latency, threshold: 200ms}}"
    [(path, message)] = refused(f"{ENDPOINT}{slow}").items()
    assert path == "monitors.slow.signal"
    assert "Prometheus operator" in message


def test_with_the_operator_services_are_followed(lower: Lower) -> None:
    sent = lower(f"{OPERATOR}\n{ENDPOINT}")
    assert "annotations" not in sent.inputs("Deployment", "net-main")["spec"]["template"]["metadata"]
    monitor = sent.inputs("ServiceMonitor", "net-figures")
    assert monitor["metadata"]["labels"]["release"] == "stack"
    wanted = monitor["spec"]["selector"]["matchLabels"].items()
    service = sent.inputs("Service", "net")
    assert wanted <= service["metadata"]["labels"].items()
    assert monitor["spec"]["endpoints"][0]["port"] == service["spec"]["ports"][0]["name"]


def test_a_rule_says_what_is_watched_and_who_is_told(lower: Lower) -> None:
    sent = lower(
        f"{OPERATOR}\n{ENDPOINT}notifications: {{us: {{webhook: 'https://example.com'}}}}\n"
        "monitors: {slow: {endpoint: net, signal: latency, threshold: 200ms, quantile: 0.9, window: 10m, "
        "notify: [us], min_samples: 30}, bad: {endpoint: net, signal: errors, threshold: 5%}}"
    )
    slow, bad = rules(sent, "slow"), rules(sent, "bad")
    value = slow["mlstack_monitor_value"]["expr"]
    assert value.startswith("histogram_quantile(0.9, sum by (le) (rate(mlstack_request_duration_seconds_")
    assert value.endswith("[600s])))")
    assert slow["alert"]["expr"].endswith(">= 30")
    assert f"({value}) > 0.2 and (" in slow["alert"]["expr"]
    assert slow["alert"]["labels"]["mlstack_notify"] == "us"
    assert "mlstack_notify" in sent.warnings["monitors.slow.notify"]
    assert bad["alert"]["expr"].endswith(">= 50")
    assert bad["mlstack_monitor_threshold"]["expr"] == "vector(0.05)"
    assert 'route=~"/|/predict|/v1/models/net:predict|/v2/models/net/infer"' in bad["alert"]["expr"]


@pytest.mark.parametrize(
    ("monitor", "path"),
    [
        ("{endpoint: net, signal: latency, threshold: 60s}", "threshold"),
        ("{endpoint: net, signal: errors, threshold: 5%, every: 30s}", "every"),
        ("{endpoint: net, signal: errors, threshold: 5%, window: 61500ms}", "window"),
        (
            "{endpoint: net, signal: data-drift, baseline: data.rows, threshold: 0.2, every: 7m}",
            "every",
        ),
        ("{endpoint: net, signal: custom, code: {dir: serve, script: score.py}, threshold: 1}", "code"),
        ("{endpoint: net, signal: cost, threshold: 5 EUR}", "signal"),
    ],
)
def test_what_a_cluster_cannot_watch_is_refused(refused: Refused, monitor: str, path: str) -> None:
    assert f"monitors.it.{path}" in refused(f"{OPERATOR}\n{ENDPOINT}monitors: {{it: {monitor}}}")


def test_figures_that_nobody_reads_are_not_judged(refused: Refused) -> None:
    settings = "settings: {kubernetes: {serving: kserve, prometheus: {operator: used}}}"
    sleeping = ENDPOINT.replace("traffic: 100", "traffic: 100, replicas: {min: 0, max: 2}")
    told = refused(
        f"{settings}\n{sleeping}monitors: {{bad: {{endpoint: net, signal: errors, threshold: 5%}}}}"
    )
    assert [*told] == ["monitors.bad.endpoint"]


def test_a_dashboard_is_there_once_for_an_endpoint_that_is_watched(lower: Lower) -> None:
    assert "net-dashboard" not in lower(ENDPOINT).names("ConfigMap")
    sent = lower(
        f"{OPERATOR}\n{ENDPOINT}monitors:\n  {DRIFT}}}\n"
        "  slow: {endpoint: net, signal: latency, threshold: 200ms}"
    )
    made = sent.inputs("ConfigMap", "net-dashboard")
    assert made["metadata"]["labels"]["grafana_dashboard"] == "1"
    [(file, text)] = made["data"].items()
    assert file.endswith(".json")
    board = json.loads(text)
    assert [each["title"] for each in board["panels"]] == [
        "Requests",
        "Errors",
        "Latency",
        "In flight",
        "Captured",
        "Monitors",
    ]
    assert len(board["uid"]) <= 40
