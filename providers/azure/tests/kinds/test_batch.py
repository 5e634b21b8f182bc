"""Batch endpoints: deployments, pools, the default."""

from __future__ import annotations

from pathlib import Path

from providers.azure.tests.kinds.front import Make

NIGHTLY = """
endpoints:
  nightly:
    type: batch
    deployments:
      main: {model: net, environment: sk, compute: pool, mini_batch: 20, max_errors: 2, traffic: 100,
             timeout: 2m, replicas: 3, env: {LEVEL: info}}
      other: {model: flow, traffic: 0, size: cpu-s}
"""


def test_a_batch_deployment_in_full(make: Make) -> None:
    held = dict(make(NIGHTLY).properties("BatchDeployment", "nightly-main"))
    assert held.pop("codeConfiguration")["scoringScript"] == "score.py"
    for unknown in ("environmentId", "compute", "model"):
        held.pop(unknown, None)
    assert held == {
        "miniBatchSize": 20,
        "errorThreshold": 2,
        "retrySettings": {"timeout": "PT2M", "maxRetries": 3},
        "maxConcurrencyPerInstance": 1,
        "loggingLevel": "Info",
        "resources": {"instanceCount": 3},
        "outputAction": "AppendRow",
        "outputFileName": "predictions.csv",
        "environmentVariables": {"LEVEL": "info"},
    }


def test_the_default_is_named_when_the_deployments_are_there(make: Make) -> None:
    sent = make(NIGHTLY)
    endpoint = sent.resource("BatchEndpoint", "nightly")
    assert endpoint.inputs["properties"] == {"authMode": "AADToken"}
    assert endpoint.options["ignoreChanges"] == ["properties.defaults"]
    main, other = (
        sent.inputs("BatchDeployment", f"nightly-{name}")["deploymentName"] for name in ("main", "other")
    )
    assert sent.inputs("Traffic", "nightly-traffic")["traffic"] == {main: 100, other: 0}


def test_a_deployment_without_compute_has_a_pool_that_goes_when_nothing_runs(make: Make) -> None:
    held = make(NIGHTLY).inputs("Compute", "nightly-other-pool")
    assert len(held["computeName"]) <= 16
    assert held["properties"]["properties"]["scaleSettings"] == {"minNodeCount": 0, "maxNodeCount": 1}


def test_scripts_of_both_contracts(make: Make, folder: Path) -> None:
    one = "{model: net, environment: sk, traffic: 100, code: {dir: native, script: batch.py}}"
    sent = make("endpoints: {one: {type: batch, deployments: {a: @}}}".replace("@", one))
    assert sent.inputs("Upload", "one-a-upload")["path"] == "native"
    two = "{model: net, environment: sk, traffic: 100, code: {dir: serve, script: score.py}}"
    sent = make("endpoints: {one: {type: batch, deployments: {a: @}}}".replace("@", two))
    path = folder / sent.inputs("Upload", "one-a-upload")["path"]
    assert "Files(code=" in (path / "score.py").read_text()
