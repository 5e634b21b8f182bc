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


def test_what_a_job_leaves_is_packed(lower: Lower) -> None:
    sent = lower(
        """
environments: {sk: {packages: [scikit-learn==1.5.2]}}
jobs: {train: {command: "train ${{outputs.model}}", environment: sk, outputs: {model: {type: folder}}}}
models: {net: {from: jobs.train.model, flavor: sklearn}, far: {path: "s3://b/net/", flavor: sklearn},
         packed: {path: "s3://b/net.tar.gz", flavor: sklearn}}
endpoints:
  nightly:
    type: batch
    deployments:
      main: {model: net, environment: sk, instance: ml.m5.large, traffic: 100}
      code: {model: net, environment: sk, instance: ml.m5.large, code: {dir: serve, script: score.py}}
      far: {model: far, environment: sk, instance: ml.m5.large}
      packed: {model: packed, environment: sk, instance: ml.m5.large}
"""
    )
    held = {name: sent.inputs("Upload", f"nightly-{name}-upload") for name in ("main", "code", "far")}
    assert all(each["packed"] and each["source"] for each in held.values())
    assert [each.get("beside") for each in held.values()] == [None, {"code": "serve"}, None]
    assert held["far"]["source"] == "s3://b/net/"
    for name in held:
        assert sent.inputs("Model", f"nightly-{name}")["primaryContainer"]["modelDataUrl"]
    given = sent.inputs("Model", "nightly-packed")["primaryContainer"]
    assert given["modelDataUrl"] == "s3://b/net.tar.gz"
    assert "nightly-packed-upload" not in sent.names("Upload")
