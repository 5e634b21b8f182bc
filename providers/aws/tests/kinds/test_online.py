"""Online endpoints: models, the configuration, the address, the switch."""

from __future__ import annotations

from typing import Any

import pytest

from tests.lowered import Lower, Refused, Sent

GROUND = """
tags: {team: vision}
secrets: {token: {env: A_TOKEN}}
environments: {sk: {packages: [scikit-learn==1.5.2]}}
models: {net: {path: files/net, flavor: lightgbm}}
"""
TWO = f"""
{GROUND}
endpoints:
  digits:
    deployments:
      blue: {{model: net, environment: sk, instance: ml.m5.large, traffic: 90}}
      green:
        model: net
        environment: sk
        code: {{dir: serve, script: score.py}}
        instance: ml.c5.xlarge
        replicas: 2
        traffic: 10
        env: {{LEVEL: info}}
        secrets: {{TOKEN: token}}
        disk: 50
        limits: {{concurrency: 7, queue: 9, body: 1MB}}
        batching: {{size: 16, wait: 10ms}}
        probes: {{ready: {{initial_delay: 90s, failures: 6}}}}
"""


def _one(deployment: str, ground: str = GROUND) -> str:
    return f"{ground}\nendpoints: {{digits: {{deployments: {{main: {{{deployment}}}}}}}}}"


def _configuration(sent: Sent) -> dict[str, Any]:
    return sent.inputs("EndpointConfiguration", "digits-config")


def test_a_variant_for_each_deployment(lower: Lower) -> None:
    sent = lower(TWO)
    blue, green = _configuration(sent)["productionVariants"]
    assert blue["variantName"].startswith("blue-")
    assert blue["instanceType"] == "ml.m5.large"
    assert blue["initialInstanceCount"] == 1
    assert (green["initialInstanceCount"], green["volumeSizeInGb"]) == (2, 50)
    assert green["containerStartupHealthCheckTimeoutInSeconds"] == 120
    # what the spec says of traffic is the switch's matter: a change of it is no new configuration
    assert blue["initialVariantWeight"] == green["initialVariantWeight"] == 0.01
    switch = sent.inputs("Switch", "digits-switch")
    assert switch["variants"] == {
        blue["variantName"]: {"weight": 90.0, "count": 1},
        green["variantName"]: {"weight": 10.0, "count": 2},
    }
    assert switch["configuration"] == _configuration(sent)["name"]
    assert switch["deployment"] == {}


def test_the_endpoint_is_never_updated_but_by_the_switch(lower: Lower) -> None:
    endpoint = lower(TWO).found["Endpoint", "digits"]
    assert endpoint.options["ignoreChanges"] == ["endpointConfigName", "deploymentConfig"]
    assert endpoint.inputs["tags"] == {"team": "vision", "mlstack-stack": "c0ffee00"}
    assert endpoint.inputs["region"] == "eu-west-1"


def test_outputs(lower: Lower) -> None:
    sent = lower(TWO)
    name = sent.inputs("Endpoint", "digits")["name"]
    found = sent.output("Endpoint", "digits")
    assert found["url"] == f"https://runtime.sagemaker.eu-west-1.amazonaws.com/endpoints/{name}/invocations"
    assert found["deployments"]["blue"]["traffic"] == 90
    assert (
        found["deployments"]["blue"]["name"] == _configuration(sent)["productionVariants"][0]["variantName"]
    )


def test_what_answers(lower: Lower) -> None:
    sent = lower(TWO)
    blue = sent.inputs("Model", "digits-blue")["primaryContainer"]
    assert blue["environment"] == {
        "MLSTACK_CONTRACT": "sagemaker",
        "MLSTACK_MODEL_NAME": "digits",
        "MLSTACK_FLAVOR": "lightgbm",
    }
    green = sent.inputs("Model", "digits-green")["primaryContainer"]
    env = dict(green["environment"])
    assert env.pop("MLSTACK_SECRET_TOKEN", None) != "c4n4ry"
    assert env == {
        "MLSTACK_CONTRACT": "sagemaker",
        "MLSTACK_MODEL_NAME": "digits",
        "MLSTACK_CONCURRENCY": "7",
        "MLSTACK_QUEUE": "9",
        "MLSTACK_MAX_BODY": "1000000",
        "MLSTACK_BATCH_SIZE": "16",
        "MLSTACK_BATCH_WAIT": "10",
        "SAGEMAKER_PROGRAM": "score.py",
        "LEVEL": "info",
    }
    # the model with the code beside it
    packed = sent.inputs("Upload", "digits-green-upload")
    assert (packed["path"], packed["beside"], packed["packed"]) == ("files/net", {"code": "serve"}, True)


TRAINED = """
environments: {sk: {packages: [scikit-learn==1.5.2]}}
jobs: {train: {command: python train.py, environment: sk, outputs: {model: {type: folder}}}}
models: {net: {from: jobs.train.model, flavor: sklearn}}
"""


def test_code_goes_beside_what_a_job_has_left(lower: Lower) -> None:
    sent = lower(_one("model: net, environment: sk, code: {dir: serve, script: score.py}", TRAINED))
    container = sent.inputs("Model", "digits-main")["primaryContainer"]
    assert "modelPackageName" not in container
    (beside,) = container["additionalModelDataSources"]
    assert beside["channelName"] == "code"
    assert container["environment"]["MLSTACK_CODE"] == "/opt/ml/additional-model-data-sources/code"
    assert container["environment"]["MLSTACK_SCRIPT"] == "score.py"


def test_what_a_job_has_left_sleeps_as_an_archive(lower: Lower) -> None:
    code = "code: {dir: serve, script: score.py}"
    sent = lower(_one(f"model: net, environment: sk, replicas: {{min: 0, max: 1}}, {code}", TRAINED))
    packed = sent.inputs("Upload", "digits-main-upload")
    assert packed["source"]
    assert (packed["beside"], packed["packed"]) == ({"code": "serve"}, True)
    container = sent.inputs("Model", "digits-main")["primaryContainer"]
    assert container["modelDataUrl"]
    assert container["environment"]["SAGEMAKER_PROGRAM"] == "score.py"
    assert "modelDataSource" not in container


@pytest.mark.parametrize(("instance", "volume"), [("ml.m5.large", 50), ("ml.g5.xlarge", None)])
def test_a_disk_is_a_volume_where_there_is_none(lower: Lower, instance: str, volume: int | None) -> None:
    sent = lower(_one(f"model: net, environment: sk, instance: {instance}, disk: 50"))
    [variant] = _configuration(sent)["productionVariants"]
    assert variant.get("volumeSizeInGb") == volume


def test_another_machine_is_another_variant(lower: Lower) -> None:
    def variant(instance: str, more: str = "") -> str:
        sent = lower(_one(f"model: net, environment: sk, instance: {instance}{more}"))
        return str(_configuration(sent)["productionVariants"][0]["variantName"])

    assert variant("ml.m5.large") != variant("ml.m5.xlarge")
    assert variant("ml.m5.large") == variant("ml.m5.large", ", env: {A: b}")


@pytest.mark.parametrize("change", ["env: {A: b}", "instance: ml.m5.xlarge", "replicas: 2"])
def test_what_is_another_configuration_has_another_name(lower: Lower, change: str) -> None:
    first = _configuration(lower(_one("model: net, environment: sk")))
    second = _configuration(lower(_one(f"model: net, environment: sk, {change}")))
    assert first != second
    assert first["name"] != second["name"]
    again = _configuration(lower(_one("model: net, environment: sk")))
    assert first["name"] == again["name"]


def test_traffic_alone_is_the_same_configuration(lower: Lower) -> None:
    other = TWO.replace("traffic: 90", "traffic: 20").replace("traffic: 10", "traffic: 80")
    assert _configuration(lower(TWO)) == _configuration(lower(other))


def test_a_shadow(lower: Lower) -> None:
    sent = lower(
        f"""{GROUND}
endpoints:
  digits:
    deployments:
      main: {{model: net, environment: sk, traffic: 100}}
      next: {{model: net, environment: sk, traffic: 0, mirror: 20}}
"""
    )
    [main] = _configuration(sent)["productionVariants"]
    [shadow] = _configuration(sent)["shadowProductionVariants"]
    assert shadow["initialVariantWeight"] / main["initialVariantWeight"] == 0.2
    assert list(sent.inputs("Switch", "digits-switch")["variants"]) == [main["variantName"]]
    assert sent.output("Endpoint", "digits")["deployments"]["next"]["mirror"] == 20


def test_capture(lower: Lower) -> None:
    sent = lower(_one("model: net, environment: sk, capture: {sample: 0.5}"))
    captured = _configuration(sent)["dataCaptureConfig"]
    assert (captured["enableCapture"], captured["initialSamplingPercentage"]) == (True, 50)
    assert [each["captureMode"] for each in captured["captureOptions"]] == ["Input", "Output"]


def _rolled(rollout: str, replicas: str = "2") -> str:
    return f"""{GROUND}
endpoints:
  digits:
    rollout: {rollout}
    deployments: {{main: {{model: net, environment: sk, replicas: {replicas}}}}}
monitors: {{slow: {{endpoint: digits, signal: latency, threshold: 200ms}}}}
"""


def test_guardrails_are_passed_natively(lower: Lower) -> None:
    native = """
    native:
      aws:
        deployment_config:
          blue_green_update_policy:
            traffic_routing_configuration:
              {type: CANARY, wait_interval_in_seconds: 600, canary_size: {type: CAPACITY_PERCENT, value: 10}}
          auto_rollback_configuration: {alarms: [{alarm_name: errors}]}
"""
    sent = lower(f"{GROUND}\nendpoints:\n  digits:{native}    deployments: {{main: {{model: net}}}}")
    assert sent.inputs("Switch", "digits-switch")["deployment"] == {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {
                "Type": "CANARY",
                "WaitIntervalInSeconds": 600,
                "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 10},
            }
        },
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
    }


@pytest.mark.parametrize(
    ("rollout", "policy"),
    [
        (
            "{steps: [100], every: 5m}",
            {"BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 300},
                "TerminationWaitInSeconds": 300,
                "MaximumExecutionTimeoutInSeconds": 3900}},
        ),
        (
            "{steps: [10, 100], every: 10m}",
            {"BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": {
                    "Type": "CANARY", "WaitIntervalInSeconds": 600,
                    "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 10}},
                "TerminationWaitInSeconds": 600,
                "MaximumExecutionTimeoutInSeconds": 4800}},
        ),
        (
            "{steps: [25, 50, 75, 100], every: 1m}",
            {"BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": {
                    "Type": "LINEAR", "WaitIntervalInSeconds": 60,
                    "LinearStepSize": {"Type": "CAPACITY_PERCENT", "Value": 25}},
                "TerminationWaitInSeconds": 60,
                "MaximumExecutionTimeoutInSeconds": 3840}},
        ),
        (
            "{steps: [50, 100], every: 1m, in_place: true}",
            {"RollingUpdatePolicy": {
                "MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 50},
                "WaitIntervalInSeconds": 60,
                "MaximumExecutionTimeoutInSeconds": 3720}},
        ),
    ],
    ids=["at-once", "canary", "linear", "rolling"],
)  # fmt: skip
def test_a_rollout_is_a_guardrail(lower: Lower, rollout: str, policy: dict[str, Any]) -> None:
    sent = lower(_rolled(rollout))
    alarm = sent.inputs("MetricAlarm", "slow")["name"]
    rollback = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": alarm}]}}
    assert sent.inputs("Switch", "digits-switch")["deployment"] == {**policy, **rollback}


@pytest.mark.parametrize(
    ("rollout", "replicas", "said"),
    [
        ("{steps: [10, 50, 100], every: 1m}", "2", "in two steps, or in equal ones"),
        ("{steps: [60, 100], every: 1m}", "2", "at most 50 percent"),
        ("{steps: [10, 100], every: 1m, in_place: true}", "2", "equal parts"),
        ("{steps: [10, 100], every: 1m}", "1", "main has one"),
        ("{steps: [10, 100], every: 2h}", "2", "an hour at most"),
        ("{steps: [10, 20, 30, 40, 50, 60, 70, 80, 90, 100], every: 1h}", "10", "8 hours"),
        ("{steps: [10, 100], every: 1m}", "{min: 0}", "sleeps goes over at once"),
    ],
)
def test_a_rollout_that_sagemaker_has_not(refusals: Refused, rollout: str, replicas: str, said: str) -> None:
    assert said in "; ".join(refusals(_rolled(rollout, replicas)).values())


@pytest.mark.parametrize(
    ("target", "metric", "value"),
    [
        ("rps: 5", "SageMakerVariantInvocationsPerInstance", 300),
        ("concurrency: 4", "SageMakerVariantConcurrentRequestsPerModelHighResolution", 4),
        ("cpu: 60", "CPUUtilizationNormalized", 60),
        ("gpu: 50", "GPUUtilizationNormalized", 50),
    ],
)
def test_automatic_scaling(lower: Lower, target: str, metric: str, value: float) -> None:
    replicas = f"{{min: 1, max: 4, idle: 5m, target: {{{target}}}}}"
    sent = lower(_one(f"model: net, environment: sk, instance: ml.g4dn.xlarge, replicas: {replicas}"))
    scaled = sent.inputs("Target", "digits-main-autoscale")
    [variant] = _configuration(sent)["productionVariants"]
    name = sent.inputs("Endpoint", "digits")["name"]
    assert scaled["resourceId"] == f"endpoint/{name}/variant/{variant['variantName']}"
    assert (scaled["minCapacity"], scaled["maxCapacity"]) == (1, 4)
    held = sent.inputs("Policy", "digits-main-autoscale")["targetTrackingScalingPolicyConfiguration"]
    assert (held["targetValue"], held["scaleInCooldown"]) == (value, 300)
    assert metric in repr(held)
    # how many there are is scaling's matter from then on
    assert "count" not in sent.inputs("Switch", "digits-switch")["variants"][variant["variantName"]]


def test_one_that_sleeps_on_processors_is_serverless(lower: Lower) -> None:
    sent = lower(_one("model: net, environment: sk, memory: 2, replicas: {min: 0, max: 5}"))
    [variant] = _configuration(sent)["productionVariants"]
    assert variant["serverlessConfig"] == {"memorySizeInMb": 2048, "maxConcurrency": 5}
    assert "instanceType" not in variant
    assert sent.names("Target") == []
    assert (
        sent.inputs("Endpoint", "digits")["name"]
        != lower(_one("model: net")).inputs("Endpoint", "digits")["name"]
    )


def test_one_that_sleeps_on_accelerators_is_an_inference_component(lower: Lower) -> None:
    sent = lower(_one("model: net, environment: sk, instance: ml.g5.xlarge, replicas: {min: 0, max: 3}"))
    [variant] = _configuration(sent)["productionVariants"]
    assert "modelName" not in variant
    assert variant["managedInstanceScaling"] == {
        "status": "ENABLED",
        "minInstanceCount": 0,
        "maxInstanceCount": 3,
    }
    component = sent.inputs("InferenceComponent", "digits-main-component")
    assert component["variant"] == variant["variantName"]
    assert component["model"] == sent.inputs("Model", "digits-main")["name"]
    scaled = sent.inputs("Target", "digits-main-autoscale")
    assert scaled["resourceId"] == f"inference-component/{component['name']}"
    assert scaled["minCapacity"] == 0
    alarm = sent.inputs("MetricAlarm", "digits-main-asleep")
    assert alarm["metricName"] == "NoCapacityInvocationFailures"
    assert alarm["dimensions"] == {"InferenceComponentName": component["name"]}


def test_servers_in_images(lower: Lower) -> None:
    given = "{image: registry.example.com/it:1, command: [serve, --all], port: 9000, health: /up}"
    sent = lower(_one(f"server: {{container: {given}}}", ""))
    assert sent.names("Image") == ["digits-main-image"]
    ours = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/it:1"
    sent = lower(_one(f"server: {{container: {{image: '{ours}', health: /ping}}}}", ""))
    assert sent.inputs("Model", "digits-main")["primaryContainer"] == {"image": ours}
    assert sent.names("Image") == []
    sent = lower(_one("model: {hub: org/name}, server: {vllm: {max_model_len: 8192}}, gpu: 'a10:1'", ""))
    assert "digits-main-image" in sent.names("Image")


def test_what_has_no_effect_is_told(lower: Lower) -> None:
    probes = "probes: {live: {period: 5s}, ready: {path: /x}}, timeout: 30s"
    told = lower(_one(f"model: net, environment: sk, {probes}")).warnings
    assert {each.removeprefix("endpoints.digits.deployments.main.") for each in told} >= {
        "probes.live.period",
        "probes.ready.path",
        "timeout",
    }
