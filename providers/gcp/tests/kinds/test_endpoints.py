"""What endpoints become: the exact inputs, the ids, what is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from google.cloud.aiplatform_v1.types import BatchPredictionJob

from providers.gcp.tests.kinds.lower import Google, Lower, Refused

ONLINE = """
workspace: {}
models: {net: {path: files/net, flavor: sklearn}}
secrets: {token: {env: A_TOKEN}}
endpoints:
  digits:
    deployments:
      blue:
        model: net
        instance: n1-standard-4
        traffic: 90
        timeout: 10m
        env: {LEVEL: info}
        secrets: {TOKEN: token}
        limits: {concurrency: 4, body: 10MB}
        batching: {size: 16, wait: 2ms}
        probes: {ready: {period: 5s, failures: 2}, live: {path: /alive, timeout: 3s}}
        replicas: {min: 1, max: 4, target: {rps: 2}}
        capture: {sample: 0.5, keep: 30d}
      green:
        model: net
        instance: n1-standard-4
        traffic: 10
        timeout: 10m
        capture: {sample: 0.5, keep: 30d}
"""


@pytest.fixture(autouse=True)
def ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """Vertex AI's own outputs, which later children are made of."""
    plain = Google.created

    def created(
        self: Google, type: str, name: str, inputs: Mapping[str, Any]
    ) -> tuple[str, Mapping[str, Any]]:
        id, more = plain(self, type, name, inputs)
        parent = "projects/ml-prod/locations/europe-west4"
        if type.endswith(":AiEndpoint"):
            id = f"{parent}/endpoints/{inputs['name']}"
            more = {"dedicatedEndpointDns": f"{inputs['name']}.europe-west4-1.prediction.vertexai.goog"}
        if type.endswith(":AiDeploymentResourcePool"):
            id = f"{parent}/deploymentResourcePools/{inputs['name']}"
        if type == "mlstack:gcp:Model":
            more = {"name": f"{parent}/models/{inputs['model_id']}", "version": "7"}
            id = f"{more['name']}@7"
        if type == "mlstack:gcp:Deployment":
            more = {"deployed_model_id": f"100000000{len(name)}"}
        return id, more

    monkeypatch.setattr(Google, "created", created)


def test_an_online_endpoint(lower: Lower) -> None:
    sent = lower(ONLINE)
    endpoint = sent.inputs("AiEndpoint", "digits")
    assert len(endpoint["name"]) == 10
    assert endpoint["name"].isdigit()
    assert endpoint["name"][0] != "0"
    assert endpoint["dedicatedEndpointEnabled"] is True
    assert (endpoint["location"], endpoint["region"], endpoint["project"]) == (
        "europe-west4",
        "europe-west4",
        "ml-prod",
    )
    assert "trafficSplit" in sent.options("AiEndpoint", "digits")["ignoreChanges"]
    logging = endpoint["predictRequestResponseLoggingConfig"]
    assert logging["enabled"] is True
    assert logging["samplingRate"] == 0.5
    assert logging["bigqueryDestination"]["outputUri"].startswith("bq://ml-prod.digits_captured_")
    id = f"projects/ml-prod/locations/europe-west4/endpoints/{endpoint['name']}"
    blue, green = (sent.output("Endpoint", "digits")["deployments"][name]["id"] for name in ("blue", "green"))
    assert sent.inputs("Traffic", "digits-traffic") == {
        "endpoint": id,
        "traffic": {blue: 90, green: 10},
        "timeout": 600.0,
    }
    outputs = sent.output("Endpoint", "digits")
    assert outputs["id"] == id
    assert "key" not in outputs
    assert outputs["url"] == (
        f"https://{endpoint['name']}.europe-west4-1.prediction.vertexai.goog/v1/{id}:predict"
    )


def test_a_deployment_and_its_registered_model(lower: Lower) -> None:
    sent = lower(ONLINE)
    made = sent.inputs("Deployment", "digits-blue")
    model = sent.inputs("Model", "digits-blue-model")
    assert made["model"] == f"projects/ml-prod/locations/europe-west4/models/{model['model_id']}@7"
    assert made["machine"] == {"machine_type": "n1-standard-4"}
    assert (made["min_replicas"], made["max_replicas"]) == (1, 4)
    assert made["metrics"] == {"aiplatform.googleapis.com/prediction/online/request_count": 120}
    assert made["access_log"] is False
    assert made["service_account"].endswith(".iam.gserviceaccount.com")
    container = model["container"]
    env = container["env"]
    assert env["MLSTACK_CONTRACT"] == "vertex"
    assert env["MLSTACK_FLAVOR"] == "sklearn"
    assert env["LEVEL"] == "info"
    assert env["MLSTACK_CONCURRENCY"] == "4"
    assert (env["MLSTACK_BATCH_SIZE"], env["MLSTACK_BATCH_WAIT"]) == ("16", "2")
    assert json.loads(env["MLSTACK_SECRETS"])["TOKEN"].endswith("/versions/1")
    assert "c4n4ry" not in str(model)
    assert container["command"][:2] == ["python3", "-c"]
    assert container["command"][3:] == ["python", "-m", "mlstack_serving"]
    assert container["probes"] == {
        "health_probe": {
            "http_get": {"path": "/health", "port": 8080},
            "period_seconds": 5,
            "failure_threshold": 2,
        },
        "liveness_probe": {"http_get": {"path": "/alive", "port": 8080}, "timeout_seconds": 3},
    }


def test_captures_have_a_table_of_their_own(lower: Lower) -> None:
    sent = lower(ONLINE)
    table = sent.inputs("Table", "digits-captured")
    assert table["timePartitioning"] == {
        "type": "DAY",
        "field": "logging_time",
        "expirationMs": 30 * 86_400_000,
    }
    assert [each["name"] for each in json.loads(table["schema"])][:2] == ["endpoint", "deployed_model_id"]
    assert sent.inputs("Dataset", "digits-captured")["deleteContentsOnDestroy"] is True


def test_under_another_key_there_are_others_of_what_cannot_change_it(lower: Lower) -> None:
    """They are there before the old ones go, and so under names of their own."""
    names = set()
    for key in (
        "null",
        *(f"projects/k/locations/europe-west4/keyRings/r/cryptoKeys/{each}" for each in "ab"),
    ):
        sent = lower(
            f"workspace: {{encryption_key: {key}}}\nmodels: {{net: {{path: files/net, flavor: sklearn}}}}\n"
            "endpoints: {digits: {deployments: {main: {model: net, instance: n1-standard-4}}}}"
        )
        [repository] = sent.names("Repository")
        names.add(sent.inputs("AiEndpoint", "digits")["name"])
        names.add(sent.inputs("Repository", repository)["repositoryId"])
    assert len(names) == 6


@pytest.mark.parametrize("how", ["public: false", "public: null"])
def test_a_private_endpoint_is_reached_by_private_service_connect(lower: Lower, how: str) -> None:
    network = "private" if how == "public: null" else "public"
    sent = lower(
        f"workspace: {{network: {network}}}\nmodels: {{net: {{path: files/net, flavor: sklearn}}}}\n"
        f"endpoints: {{digits: {{{how}, deployments: {{main: {{model: net, instance: n1-standard-4}}}}}}}}"
    )
    endpoint = sent.inputs("AiEndpoint", "digits")
    assert endpoint["privateServiceConnectConfig"] == {
        "enablePrivateServiceConnect": True,
        "projectAllowlists": ["ml-prod"],
    }
    assert "dedicatedEndpointEnabled" not in endpoint
    assert "network" not in endpoint


def test_vllm_is_brought_into_the_stacks_registry_and_passes_all_paths(lower: Lower) -> None:
    sent = lower(
        "workspace: {}\nendpoints: {chat: {deployments: {main: {model: {hub: org/tiny, revision: abc}, "
        "server: {vllm: {max_model_len: 2048}}, instance: g2-standard-4}}}}"
    )
    container = sent.inputs("Model", "chat-main-model")["container"]
    assert container["invoke"] == "/*"
    assert container["port"] == 8000
    assert container["health"] == "/health"
    assert container["command"][:2] == ["/bin/sh", "-c"]
    assert container["command"][2].startswith("exec vllm serve org/tiny --revision abc")
    assert "uri" not in sent.inputs("Model", "chat-main-model")
    upload = sent.inputs("Upload", "chat-main-context-upload")
    assert upload["texts"]["Dockerfile"].startswith("FROM vllm/vllm-openai:")
    assert sent.output("Endpoint", "chat")["url"].endswith("/invoke")


def test_an_image_of_googles_registries_is_taken_as_it_is(lower: Lower) -> None:
    image = "europe-docker.pkg.dev/vertex-ai/prediction/sklearn-cpu.1-5:latest"
    sent = lower(
        "workspace: {}\nendpoints: {own: {deployments: {main: {server: {container: {"
        f"image: '{image}', "
        "port: 9000, health: /up}}, instance: n1-standard-4}}}}"
    )
    container = sent.inputs("Model", "own-main-model")["container"]
    assert container["image"] == image
    assert container["port"] == 9000
    assert container["health"] == "/up"
    assert sent.names("Image") == []


def test_a_batch_endpoint_is_a_model_and_settings(lower: Lower) -> None:
    sent = lower(
        "workspace: {}\nmodels: {net: {path: files/net, flavor: sklearn}}\n"
        "endpoints: {nightly: {type: batch, deployments: {main: {model: net, instance: n1-standard-4, "
        "replicas: {min: 1, max: 5}, mini_batch: 100, max_errors: 3}}}}"
    )
    texts = sent.inputs("Upload", "nightly-main-settings-upload")["texts"]
    settings, placed = json.loads(texts["settings.json"]), json.loads(texts["place.json"])
    assert settings["max_errors"] == 3
    assert settings["deployment"] == "main"
    job = {**settings["job"], **placed["job"]}
    assert job["dedicatedResources"] == {
        "machineSpec": {"machineType": "n1-standard-4"},
        "startingReplicaCount": 1,
        "maxReplicaCount": 5,
    }
    assert job["manualBatchTuningParameters"] == {"batchSize": 100}
    assert BatchPredictionJob.from_json(json.dumps(job), ignore_unknown_fields=False).model.endswith("@7")
    outputs = sent.output("Endpoint", "nightly")
    assert "url" not in outputs
    assert outputs["deployments"]["main"]["id"].endswith("@7")
    assert sent.names("AiEndpoint") == []
    assert "nightly.deployments.main.max_errors" in str(sent.warnings)


def test_what_is_refused(refusals: Refused) -> None:
    told = refusals(
        "workspace: {}\nmodels: {net: {path: files/net, flavor: sklearn}}\n"
        "endpoints:\n  a:\n    auth: key\n    deployments:\n"
        "      one: {model: net, traffic: 100, timeout: 2h, replicas: {min: 0, max: 2}, env: {AIP_X: '1'}}\n"
        "      two: {model: net, mirror: 5, timeout: 30s, probes: {ready: {period: 500ms}}}\n"
        "      own: {server: {container: {image: a/b}}, limits: {queue: 3}, secrets: {T: t}, timeout: 2h}\n"
        "  b: {type: batch, deployments: {x: {model: net, timeout: 5s}}}\n"
        "secrets: {t: {env: A_TOKEN}}\n"
    )
    at = "endpoints.a.deployments"
    assert set(told) >= {
        "endpoints.a.auth",
        f"{at}.one.timeout",
        f"{at}.one.replicas.min",
        f"{at}.one.env.AIP_X",
        f"{at}.two.mirror",
        f"{at}.two.timeout",
        f"{at}.two.probes.ready.period",
        f"{at}.own.server",
        f"{at}.own.limits",
        f"{at}.own.secrets.T",
        "endpoints.b.deployments.x.timeout",
    }


_SHARED = (
    "models: {{net: {{path: files/net, flavor: sklearn}}}}\n"
    "compute: {{small: {{instance: n2-standard-4, max: 3{more}}}}}\n"
    "endpoints: {{ask: {{deployments: {{"
    "a: {{model: net, compute: small, traffic: 90}}, b: {{model: net, compute: small, traffic: 10}}}}}}}}\n"
)


def test_deployments_share_the_machines_of_a_compute(lower: Lower) -> None:
    sent = lower(_SHARED.format(more=""))
    [name] = sent.names("AiDeploymentResourcePool")
    pool = sent.inputs("AiDeploymentResourcePool", name)
    assert pool["dedicatedResources"] == {
        "machineSpec": {"machineType": "n2-standard-4"}, "minReplicaCount": 1, "maxReplicaCount": 3,
    }  # fmt: skip
    for each in ("ask-a", "ask-b"):
        deployed = sent.inputs("Deployment", each)
        assert deployed["pool"].endswith(f"/deploymentResourcePools/{pool['name']}")
        assert not deployed.keys() & {"machine", "min_replicas", "max_replicas", "metrics"}
    other = lower(_SHARED.format(more="").replace("max: 3", "max: 4"))
    assert other.inputs("AiDeploymentResourcePool", name)["name"] != pool["name"], "nothing of one can change"
    assert sent.names("AiPersistentResource") == []


@pytest.mark.parametrize("more", [", min: 1", ", spot: true"])
def test_what_deployments_cannot_share(refusals: Refused, more: str) -> None:
    told = refusals(_SHARED.format(more=more))
    assert set(told) == {"endpoints.ask.deployments.a.compute", "endpoints.ask.deployments.b.compute"}
