"""Pods as the builders make them: what each may do, and what it is made of."""

from __future__ import annotations

from typing import Any

from tests.lowered import Lower, Sent

ENDPOINT = """
secrets: {token: {env: MLSTACK_CONFORMANCE_ONE}}
environments: {sk: {image: registry.example.com/sk:1}}
models: {net: {path: files/net, flavor: lightgbm}}
endpoints:
  net:
    deployments:
      main: {model: net, environment: sk, traffic: 100, secrets: {TOKEN: token}}
"""


def template(sent: Sent, kind: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = sent.inputs(kind, name)["spec"]["template"]
    return found


def test_no_value_of_a_secret_is_in_a_pod(lower: Lower, monkeypatch: Any) -> None:
    monkeypatch.setenv("MLSTACK_CONFORMANCE_ONE", "a-canary-of-this-test")
    sent = lower(ENDPOINT)
    shown = str(sent.inputs("Deployment", "net-main"))
    assert "a-canary-of-this-test" not in shown
    assert "secretKeyRef" not in shown


def test_a_changed_secret_makes_other_pods(lower: Lower, monkeypatch: Any) -> None:
    marks = []
    for value in ("one", "two"):
        monkeypatch.setenv("MLSTACK_CONFORMANCE_ONE", value)
        made = template(lower(ENDPOINT), "Deployment", "net-main")
        marks.append(made["metadata"]["annotations"]["mlstack.dev/secrets"])
    assert marks[0] != marks[1]
