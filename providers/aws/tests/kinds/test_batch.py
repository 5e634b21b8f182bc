"""Batch endpoints: models, and in their tags how they are run."""

from __future__ import annotations

from providers.aws.tests.kinds.lower import Lower

NIGHTLY = """
environments: {sk: {packages: [scikit-learn==1.5.2]}}
models: {net: {path: files/net, flavor: lightgbm}}
endpoints:
  nightly:
    type: batch
    deployments:
      main:
        {model: net, environment: sk, instance: ml.m5.large, replicas: 3, timeout: 10m, mini_batch: 1,
         traffic: 100}
      other: {model: net, environment: sk, instance: ml.c5.xlarge, mini_batch: 50, max_errors: 5, traffic: 0}
"""


def test_a_model_with_its_settings(lower: Lower) -> None:
    sent = lower(NIGHTLY)
    tags = sent.inputs("Model", "nightly-main")["tags"]
    assert {key: value for key, value in tags.items() if key not in ("mlstack-stack", "mlstack-place")} == {
        "mlstack-instance": "ml.m5.large",
        "mlstack-instances": "3",
        "mlstack-batch": "SingleRecord",
        "mlstack-traffic": "100",
        "mlstack-timeout": "600",
    }
    assert sent.inputs("Model", "nightly-other")["tags"]["mlstack-batch"] == "MultiRecord"
    assert sent.names("Endpoint") == sent.names("Switch") == []
    assert sent.output("Endpoint", "nightly")["deployments"]["main"]["replicas"] == 3
    assert sorted(each.rpartition(".")[2] for each in sent.warnings if "other" in each) == [
        "max_errors",
        "mini_batch",
    ]
