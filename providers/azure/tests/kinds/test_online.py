"""Online endpoints: the address, deployments, traffic."""

from __future__ import annotations

from pathlib import Path

import pytest

from providers.azure.tests.kinds.front import Make

TWO = """
endpoints:
  digits:
    public: false
    deployments:
      blue: {model: net, environment: sk, size: cpu-s, traffic: 90}
      green:
        model: net
        environment: sk
        code: {dir: serve, script: score.py}
        instance: Standard_DS3_v2
        replicas: 2
        traffic: 10
        env: {LEVEL: info}
        secrets: {TOKEN: token}
        timeout: 60s
        limits: {concurrency: 7}
        probes:
          ready: {initial_delay: 5s, period: 15s, timeout: 3s, failures: 4}
          live: {initial_delay: 90s}
        capture: {sample: 0.5, rotate: 1h}
      shadow: {model: net, environment: sk, traffic: 0, mirror: 20}
"""


def test_the_endpoint_is_made_without_traffic(make: Make) -> None:
    sent = make(TWO)
    endpoint = sent.resource("OnlineEndpoint", "digits")
    assert endpoint.inputs["properties"] == {"authMode": "Key", "publicNetworkAccess": "Disabled"}
    assert endpoint.inputs["identity"]["type"] == "UserAssigned"
    assert endpoint.inputs["tags"] == {"team": "vision", "mlstack-stack": "c0ffee00"}
    assert endpoint.options["ignoreChanges"] == ["properties.traffic", "properties.mirrorTraffic"]


def test_traffic_is_set_when_all_deployments_are_there(make: Make) -> None:
    sent = make(TWO)
    names = {
        each: sent.inputs("OnlineDeployment", f"digits-{each}")["deploymentName"]
        for each in ("blue", "green", "shadow")
    }
    traffic = sent.resource("Traffic", "digits-traffic")
    assert traffic.inputs["traffic"] == {names["blue"]: 90, names["green"]: 10, names["shadow"]: 0}
    assert traffic.inputs["mirror"] == {names["shadow"]: 20}
    assert all(name.startswith(f"{each}-") and len(name) <= 32 for each, name in names.items())


def test_a_deployment_in_full(make: Make) -> None:
    sent = make(TWO)
    green = sent.inputs("OnlineDeployment", "digits-green")
    assert green["sku"] == {"name": "Default", "capacity": 2}
    held = dict(green["properties"])
    assert held.pop("codeConfiguration")["scoringScript"] == "score.py"
    collected = held.pop("dataCollector")
    assert collected["rollingRate"] == "Hour"
    assert {
        name: (each["dataCollectionMode"], each["samplingRate"])
        for name, each in collected["collections"].items()
    } == {"model_inputs": ("Enabled", 0.5), "model_outputs": ("Enabled", 0.5)}
    for unknown in ("model", "environmentId", "environmentVariables"):
        held.pop(unknown, None)  # only the apply can tell them
    assert held == {
        "endpointComputeType": "Managed",
        "instanceType": "Standard_DS3_v2",
        "scaleSettings": {"scaleType": "Default"},
        # what the spec leaves open the SDK fills with the platform's own defaults
        "appInsightsEnabled": False,
        "egressPublicNetworkAccess": "Enabled",
        "requestSettings": {
            "requestTimeout": "PT1M",
            "maxConcurrentRequestsPerInstance": 7,
            "maxQueueWait": "PT0.5S",
        },
        "readinessProbe": {
            "initialDelay": "PT5S",
            "period": "PT15S",
            "timeout": "PT3S",
            "failureThreshold": 4,
            "successThreshold": 1,
        },
        "livenessProbe": {
            "initialDelay": "PT1M30S",
            "period": "PT10S",
            "timeout": "PT2S",
            "failureThreshold": 30,
            "successThreshold": 1,
        },
    }


def test_sizes_are_those_that_the_platform_takes_for_deployments(make: Make) -> None:
    assert make(TWO).properties("OnlineDeployment", "digits-blue")["instanceType"] == "Standard_D2as_v4"


def test_captures_have_assets_where_monitors_look_for_them(make: Make) -> None:
    sent = make(TWO)
    endpoint = sent.inputs("OnlineEndpoint", "digits")["endpointName"]
    deployment = sent.inputs("OnlineDeployment", "digits-green")["deploymentName"]
    asset = sent.inputs("DataVersion", "digits-green-model-inputs")
    assert (asset["name"], asset["version"]) == (f"{endpoint}-{deployment}-model_inputs", "1")
    assert {key: asset["properties"][key] for key in ("dataType", "dataUri")} == {
        "dataType": "uri_folder",
        "dataUri": "azureml://datastores/workspaceblobstore/paths/modelDataCollector/"
        f"{endpoint}/{deployment}/model_inputs",
    }


def test_another_machine_is_another_deployment_and_other_settings_are_not(make: Make) -> None:
    def name(text: str) -> str:
        return str(make(text).inputs("OnlineDeployment", "digits-green")["deploymentName"])

    first = name(TWO)
    assert name(TWO.replace("timeout: 60s", "timeout: 30s")) == first
    assert name(TWO.replace("replicas: 2", "replicas: 3")) == first
    assert name(TWO.replace("Standard_DS3_v2", "Standard_DS4_v2")) != first


@pytest.mark.parametrize(("auth", "mode"), [("token", "AMLToken"), ("identity", "AADToken"), ("key", "Key")])
def test_another_way_to_show_who_one_is_makes_another_endpoint(make: Make, auth: str, mode: str) -> None:
    text = "endpoints: {one: {auth: @, deployments: {a: {model: flow}}}}".replace("@", auth)
    endpoint = make(text).inputs("OnlineEndpoint", "one")
    assert endpoint["properties"]["authMode"] == mode
    plain = make("endpoints: {one: {deployments: {a: {model: flow}}}}").inputs("OnlineEndpoint", "one")
    assert (endpoint["endpointName"] == plain["endpointName"]) is (auth == "key")


def test_a_strict_stack_shuts_its_endpoints(make: Make) -> None:
    text = "security: strict\nsettings: {azure: {resource_group: ml}}\n"
    text += "workspace: {encryption_key: https://v.vault.azure.net/keys/k/1}\n"
    sent = make(text + "endpoints: {one: {deployments: {a: {model: flow}}}}")
    assert sent.properties("OnlineEndpoint", "one")["publicNetworkAccess"] == "Disabled"
    assert sent.properties("OnlineDeployment", "one-a")["egressPublicNetworkAccess"] == "Disabled"


def test_a_private_workspace_shuts_its_endpoints_unless_they_say_otherwise(make: Make) -> None:
    text = "workspace: {network: private}\nendpoints: {one: {deployments: {a: {model: flow}}}}"
    assert make(text).properties("OnlineEndpoint", "one")["publicNetworkAccess"] == "Disabled"
    sent = make(text.replace("one: {", "one: {public: true, "))
    assert sent.properties("OnlineEndpoint", "one")["publicNetworkAccess"] == "Enabled"


def test_an_mlflow_model_needs_neither_environment_nor_code(make: Make) -> None:
    held = make("endpoints: {one: {deployments: {a: {model: flow}}}}").properties("OnlineDeployment", "one-a")
    assert "environmentId" not in held
    assert "codeConfiguration" not in held


def test_a_script_for_azure_goes_up_as_it_is(make: Make) -> None:
    deployment = "{model: net, environment: sk, code: {dir: native, script: score.py}}"
    sent = make("endpoints: {one: {deployments: {a: @}}}".replace("@", deployment))
    assert sent.inputs("Upload", "one-a-upload")["path"] == "native"


def test_another_script_goes_up_beside_the_serving_runtime(make: Make, folder: Path) -> None:
    sent = make(TWO)
    path = folder / sent.inputs("Upload", "digits-green-upload")["path"]
    assert (path / "mlstack_serving" / "hosted.py").is_file()
    assert (path / "mlstack_user" / "score.py").read_text() == (folder / "serve" / "score.py").read_text()
    assert "Online(code=" in (path / "score.py").read_text()
    assert "capture=True" in (path / "score.py").read_text()
    flavor = folder / sent.inputs("Upload", "digits-blue-upload")["path"]
    assert "Online(flavor='sklearn')" in (flavor / "score.py").read_text()


def test_replicas_that_vary_follow_the_load(make: Make) -> None:
    replicas = "{min: 1, max: 5, target: {rps: 4}, idle: 10m}"
    sent = make("endpoints: {one: {deployments: {a: {model: flow, replicas: @}}}}".replace("@", replicas))
    assert sent.resource("OnlineDeployment", "one-a").options["ignoreChanges"] == ["sku"]
    setting = sent.inputs("AutoscaleSetting", "one-a-autoscale")
    [profile] = setting["profiles"]
    assert profile["capacity"] == {"minimum": "1", "maximum": "5", "default": "1"}
    out, back = profile["rules"]
    assert {key: value for key, value in out["metricTrigger"].items() if key != "metricResourceUri"} == {
        "metricName": "RequestsPerMinute",
        "operator": "GreaterThan",
        "threshold": 240,
        "statistic": "Average",
        "timeAggregation": "Average",
        "timeGrain": "PT1M",
        "timeWindow": "PT5M",
        "dividePerInstance": True,
    }
    assert (back["metricTrigger"]["threshold"], back["metricTrigger"]["timeWindow"]) == (120, "PT10M")
    assert back["scaleAction"] == {
        "direction": "Decrease",
        "type": "ChangeCount",
        "value": "1",
        "cooldown": "PT5M",
    }


@pytest.mark.parametrize(
    ("target", "metric", "threshold"),
    [("cpu: 60", "CpuUtilizationPercentage", 60), ("gpu: 80", "GpuUtilizationPercentage", 80)],
)
def test_replicas_that_follow_processors(make: Make, target: str, metric: str, threshold: int) -> None:
    replicas = "{min: 1, max: 3, target: {@}}".replace("@", target)
    sent = make("endpoints: {one: {deployments: {a: {model: flow, replicas: @}}}}".replace("@", replicas))
    [profile] = sent.inputs("AutoscaleSetting", "one-a-autoscale")["profiles"]
    trigger = profile["rules"][0]["metricTrigger"]
    assert (trigger["metricName"], trigger["threshold"]) == (metric, threshold)


def test_a_fixed_number_of_replicas_is_the_engines_to_change(make: Make) -> None:
    sent = make("endpoints: {one: {deployments: {a: {model: flow, replicas: 3}}}}")
    assert "ignoreChanges" not in sent.resource("OnlineDeployment", "one-a").options
    assert sent.names("AutoscaleSetting") == []


def test_a_deployment_on_a_cluster(make: Make) -> None:
    deployment = """{model: flow, compute: aks, cpus: 2, memory: 4,
      replicas: {min: 2, max: 6, target: {concurrency: 3}}, limits: {concurrency: 4}}"""
    sent = make("endpoints: {one: {deployments: {a: @}}}".replace("@", deployment))
    assert "compute" in sent.resource("OnlineEndpoint", "one").inputs["properties"]
    held = {
        key: value for key, value in sent.properties("OnlineDeployment", "one-a").items() if key != "model"
    }
    asked = {"cpu": "2", "memory": "4Gi"}
    assert held == {
        "endpointComputeType": "Kubernetes",
        "instanceType": "defaultinstancetype",
        "containerResourceRequirements": {
            "containerResourceRequests": asked,
            "containerResourceLimits": asked,
        },
        "requestSettings": {
            "requestTimeout": "PT5S",
            "maxConcurrentRequestsPerInstance": 4,
            "maxQueueWait": "PT0.5S",
        },
        "scaleSettings": {
            "scaleType": "TargetUtilization",
            "minInstances": 2,
            "maxInstances": 6,
            "targetUtilizationPercentage": 75,
            "pollingInterval": "PT1S",
        },
        "appInsightsEnabled": False,
        "egressPublicNetworkAccess": "Enabled",
    }
    assert sent.names("AutoscaleSetting") == []


def test_a_container_is_an_environment_with_routes(make: Make) -> None:
    server = "{container: {image: r.example.com/s:1, port: 9000, health: /up}}"
    deployment = "{server: @, probes: {live: {path: /alive}}}".replace("@", server)
    sent = make("endpoints: {one: {deployments: {a: @}}}".replace("@", deployment))
    held = sent.properties("EnvironmentVersion", "one-a-environment")
    assert held["image"] == "r.example.com/s:1"
    assert held["inferenceConfig"] == {
        "livenessRoute": {"path": "/alive", "port": 9000},
        "readinessRoute": {"path": "/up", "port": 9000},
        "scoringRoute": {"path": "/", "port": 9000},
    }


def test_a_container_with_a_command_is_built(make: Make) -> None:
    server = "{container: {image: r.example.com/s:1, command: [serve, --fast]}}"
    sent = make("endpoints: {one: {deployments: {a: {server: @}}}}".replace("@", server))
    assert sent.inputs("Upload", "one-a-context")["texts"] == {
        "Dockerfile": 'FROM r.example.com/s:1\nENTRYPOINT []\nCMD ["serve", "--fast"]\n'
    }
    assert sent.properties("EnvironmentVersion", "one-a-image")["build"]["dockerfilePath"] == "Dockerfile"


def test_vllm_fetches_the_hubs_model_itself(make: Make) -> None:
    deployment = """{model: {hub: org/net, revision: abc}, gpu: "t4:1",
      server: {vllm: {max_model_len: 8192, enforce_eager: true, enable_prefix_caching: false}}}"""
    sent = make("endpoints: {one: {deployments: {a: @}}}".replace("@", deployment))
    text = sent.inputs("Upload", "one-a-context")["texts"]["Dockerfile"]
    assert "exec vllm serve org/net --revision abc --host 0.0.0.0 --port 8000" in text
    assert "--max-model-len 8192 --enforce-eager --no-enable-prefix-caching" in text
    assert "model" not in sent.properties("OnlineDeployment", "one-a")
    assert [name for name in sent.names("ModelVersion") if name.startswith("one")] == []


def test_a_model_written_in_place_is_made_below_the_endpoint(make: Make) -> None:
    sent = make("endpoints: {one: {deployments: {a: {model: {path: files/flow, flavor: mlflow}}}}}")
    assert sent.properties("ModelVersion", "one-a-model")["modelType"] == "mlflow_model"


def test_the_path_of_a_probe_is_warned_of_under_the_platforms_server(make: Make) -> None:
    deployment = "{model: flow, probes: {ready: {path: /ready}}}"
    sent = make("endpoints: {one: {deployments: {a: @}}}".replace("@", deployment))
    assert "endpoints.one.deployments.a.probes.ready.path" in sent.warnings


def test_where_the_stack_has_no_identity_the_endpoints_own_may_read_its_secrets(make: Make) -> None:
    sent = make("settings: {azure: {resource_group: g}}\nworkspace: {existing: theirs}\n" + TWO)
    assert sent.inputs("OnlineEndpoint", "digits")["identity"] == {"type": "SystemAssigned"}
    [right] = [each for each in sent.names("RoleAssignment") if each.startswith("digits-")]
    [green] = [r for r in sent.recording.children() if r.name == "digits-green" and "Deployment" in r.type]
    assert any(urn.endswith(f"::{right}") for urn in green.needs)
