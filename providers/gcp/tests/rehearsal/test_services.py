"""The services around Vertex AI over HTTP, seeds, leftovers, faults."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
import requests
from mlstack_gcp.rehearsal import GcpEmulation
from mlstack_gcp.settings import Settings

from mlstack.rehearsal import CloudFault, World
from mlstack.rehearsal.faults import Faults, Plan, Rule
from mlstack.rehearsal.http import serving

from .estate import ESTATE, PROJECT, REGION, WHO
from .sound import MESSAGES, PARENT

SPAN: dict[str, Any] = {"filter": 'metric.type="a/b"', "interval.endTime": "2026-01-01T00:00:00Z"}
_IMAGE = f"{REGION}-docker.pkg.dev/{PROJECT}/images/serve:abc"


def call(
    door: str, method: str, path: str, body: Any = None, status: int = 200, **query: Any
) -> dict[str, Any]:
    answer = requests.request(method, door + path, json=body, params=query, timeout=10)
    assert answer.status_code == status, answer.text
    return dict(answer.json()) if answer.content else {}


def test_a_build_leaves_its_image(door: str) -> None:
    build = {
        "steps": [{"name": "gcr.io/cloud-builders/docker", "args": ["build", "-t", _IMAGE, "."]}],
        "images": [_IMAGE],
        "tags": ["stack-x"],
        "options": {"logging": "CLOUD_LOGGING_ONLY"},
    }
    begun = call(door, "POST", f"/v1/{PARENT}/builds", build)
    id = begun["metadata"]["build"]["id"]
    path = f"/v1/{PARENT}/builds/{id}"
    assert [call(door, "GET", path)["status"] for _ in range(3)] == ["WORKING", "SUCCESS", "SUCCESS"]
    assert len(call(door, "GET", f"/v1/{PARENT}/builds", filter='tags="stack-x"')["builds"]) == 1
    assert call(door, "GET", f"/v1/{PARENT}/builds", filter='tags="other"')["builds"] == []
    package = f"/v1/{PARENT}/repositories/images/packages/serve"
    tag = call(door, "GET", f"{package}/tags/abc")
    digest = tag["version"].rpartition("/")[2]
    assert digest.startswith("sha256:")
    call(door, "GET", f"{package}/versions/{digest}")
    call(door, "DELETE", f"{package}/versions/{digest}", status=400)
    call(door, "DELETE", f"{package}/versions/{digest}", force="true")
    call(door, "GET", f"{package}/tags/abc", status=404)
    wrong = build | {"images": [_IMAGE.replace("/images/", "/none/")]}
    assert call(door, "POST", f"/v1/{PARENT}/builds", wrong, status=404)["error"]["status"] == "NOT_FOUND"
    mine = build | {"serviceAccount": f"projects/{PROJECT}/serviceAccounts/{WHO}", "options": {}}
    assert "logs_bucket" in call(door, "POST", f"/v1/{PARENT}/builds", mine, status=400)["error"]["message"]


def test_a_secret_is_read_by_version(door: str) -> None:
    for version in ("1", "latest"):
        found = call(door, "GET", f"/v1/projects/{PROJECT}/secrets/token/versions/{version}:access")
        assert base64.b64decode(found["payload"]["data"]) == b"hidden"
    call(door, "GET", f"/v1/projects/{PROJECT}/secrets/token/versions/2:access", status=404)
    call(door, "GET", f"/v1/projects/{PROJECT}/secrets/none/versions/1:access", status=404)


def test_a_secret_that_is_made_anew_counts_its_versions_from_one(estate: GcpEmulation) -> None:
    secret = f"projects/{PROJECT}/secrets/token"
    token = "gcp:secretmanager/secretVersion:SecretVersion"
    second = estate.create(token, {"secret": secret, "secretData": "other"})
    assert second.id.endswith("/versions/2")
    inputs = ESTATE["secretmanager/secret:Secret"]
    assert f"{secret}/versions/2" in estate.remove_document(secret)
    estate.create("gcp:secretmanager/secret:Secret", inputs)
    assert estate.create(token, {"secret": secret, "secretData": "third"}).id.endswith("/versions/1")


def test_a_policy_is_shown_and_goes_below_what_it_is_of(estate: GcpEmulation) -> None:
    policy = next(id for id, kind, _ in estate.documents() if kind == "iam")
    about, slash, last = policy.rpartition("/")
    assert (slash, last) == ("/", "iamPolicy")
    estate.put_document(policy, "iam", {"bindings": []})
    assert estate.world.get(f"iam/{about}") == {"bindings": []}
    assert estate.remove_document(policy) == [policy]
    assert policy not in {id for id, _, _ in estate.documents()}


def test_both_doors_see_the_same(door: str, estate: GcpEmulation) -> None:
    assert call(door, "GET", "/storage/v1/b/demo-bucket")["lifecycle"]["rule"][0]["condition"] == {
        "age": 30, "matchesPrefix": ["old/"],
    }  # fmt: skip
    endpoint = call(door, "GET", f"/v1/{PARENT}/endpoints/1234567890")
    assert endpoint["labels"] == {"team": "vision", "goog-pulumi-provisioned": "true"}
    services = call(door, "GET", f"/v1/projects/{PROJECT}/services", filter="state:ENABLED")["services"]
    assert [one["config"]["name"] for one in services] == ["aiplatform.googleapis.com"]
    assert call(door, "GET", f"/v1/projects/{PROJECT}")["projectNumber"] == estate.cloud.number
    (binding,) = call(door, "POST", f"/v1/projects/{PROJECT}:getIamPolicy", {})["bindings"]
    assert binding == {"role": "roles/aiplatform.user", "members": [f"serviceAccount:{WHO}"]}
    job = f"/v1/{PARENT}/jobs/nightly"
    assert call(door, "POST", f"{job}:pause")["state"] == "PAUSED"
    kind = "cloudscheduler/job:Job"
    read = estate.read(f"gcp:{kind}", f"{PARENT}/jobs/nightly", ESTATE[kind] | {"paused": False})
    assert read is not None
    assert read.inputs["paused"] is True
    series = call(
        door, "GET", f"/v3/projects/{PROJECT}/timeSeries",
        **SPAN,
    )  # fmt: skip
    assert series["timeSeries"][0]["points"][0]["value"] == {"doubleValue": 0.0}
    channel = next(id for id, _ in estate.cloud.of("monitoring/notificationChannel:NotificationChannel"))
    assert call(door, "GET", f"/v3/{channel}")["type"] == "email"
    call(door, "GET", "/v1/nothing", status=404)


def test_schedules_and_batches(door: str) -> None:
    call(
        door,
        "POST",
        f"/v1/{PARENT}/batchPredictionJobs",
        MESSAGES["aiplatform:BatchPredictionJob"],
        status=404,
    )
    made = call(
        door,
        "POST",
        f"/v1/{PARENT}/models:upload",
        {"model": MESSAGES["aiplatform:Model"], "modelId": "digits"},
    )
    assert made["metadata"]["@type"].endswith("UploadModelOperationMetadata")
    batch = call(door, "POST", f"/v1/{PARENT}/batchPredictionJobs", MESSAGES["aiplatform:BatchPredictionJob"])
    states = [call(door, "GET", f"/v1/{batch['name']}")["state"] for _ in range(2)]
    assert states == ["JOB_STATE_RUNNING", "JOB_STATE_SUCCEEDED"]
    schedule = call(door, "POST", f"/v1/{PARENT}/schedules", MESSAGES["aiplatform:Schedule"])
    assert schedule["state"] == "ACTIVE"
    call(door, "POST", f"/v1/{schedule['name']}:pause", {})
    assert call(door, "GET", f"/v1/{schedule['name']}")["state"] == "PAUSED"
    changed = call(door, "PATCH", f"/v1/{schedule['name']}", {"cron": "0 4 * * *"}, updateMask="cron")
    assert (changed["cron"], changed["displayName"]) == ("0 4 * * *", "nightly")
    bad = call(
        door, "PATCH", f"/v1/{schedule['name']}", {"cron": "0 44 * * *"}, status=400, updateMask="cron"
    )
    assert "is not within the hours" in bad["error"]["message"]
    deployed = MESSAGES["aiplatform:DeployedModel"] | {"id": "11"}
    body = {"deployedModel": deployed, "trafficSplit": {"0": 100}}
    call(door, "POST", f"/v1/{PARENT}/endpoints/1234567890:deployModel", body)
    answer = requests.post(f"{door}/v1/{PARENT}/endpoints/1234567890:rawPredict", json={"a": 1}, timeout=10)
    assert answer.json()["input"] == {"a": 1}
    assert answer.headers["X-Vertex-AI-Deployed-Model-Id"] == "11"


def test_what_a_spec_calls_existing_is_there_and_stays(gcp: GcpEmulation) -> None:
    spec = [
        ("workspace", {"existing": "team-bucket"}),
        ("endpoints", {"existing": "42"}),
        ("models", {"existing": f"projects/{PROJECT}/locations/{REGION}/models/digits"}),
        ("models", {"registry": "net@3"}),
        ("endpoints", {"deployments": {"main": {"model": {"registry": "7:2"}}, "next": {"model": "net"}}}),
        ("secrets", {"secretmanager": "token:1"}),
        ("data", {"path": "gs://other-bucket/data", "network": f"projects/{PROJECT}/global/networks/net"}),
    ]
    for _ in range(2):
        gcp.seed(spec)
    assert gcp.cloud.get("b/team-bucket")
    assert gcp.cloud.get("b/other-bucket")
    assert gcp.cloud.get(f"{PARENT}/endpoints/42")
    assert gcp.cloud.get(f"{PARENT}/models/digits")
    versions = [gcp.cloud.get(f"{PARENT}/models/{id}")["versionId"] for id in ("net", "7")]
    assert versions == ["3", "2"]
    assert gcp.cloud.get(f"projects/{PROJECT}/global/networks/net")
    found = gcp.invoke("gcp:secretmanager/getSecretVersion:getSecretVersion", {"secret": "token"})
    assert (found["version"], found["secretData"]) == ("1", "rehearsal")
    assert gcp.invoke("gcp:storage/getBucket:getBucket", {"name": "team-bucket"})["url"] == "gs://team-bucket"
    assert gcp.invoke("gcp:compute/getNetwork:getNetwork", {"name": "net"})["id"].endswith("/networks/net")
    with pytest.raises(CloudFault, match="not found"):
        gcp.invoke("gcp:storage/getBucket:getBucket", {"name": "nobodys"})
    assert list(gcp.leftovers()) == []


def test_settings_name_the_project_and_the_account(tmp_path: Path) -> None:
    world = World(tmp_path / "world.db")
    gcp = GcpEmulation(world, Settings(project=PROJECT, service_account=WHO), REGION)
    gcp.seed([])
    assert gcp.cloud.get(f"projects/{PROJECT}/serviceAccounts/{WHO}")
    assert gcp.environment()["GOOGLE_PROJECT"] == PROJECT
    project = gcp.invoke("gcp:organizations/getProject:getProject", {})
    assert (project["projectId"], project["number"]) == (PROJECT, gcp.cloud.number)


@pytest.mark.parametrize(
    ("kind", "status", "told"),
    [
        ("429", 429, "RESOURCE_EXHAUSTED"),
        ("quota", 429, "RESOURCE_EXHAUSTED"),
        ("capacity", 429, "RESOURCE_EXHAUSTED"),
        ("503", 503, "UNAVAILABLE"),
        ("504", 504, "DEADLINE_EXCEEDED"),
    ],
)
def test_faults_are_told_as_google_tells_them(
    kind: Any, status: int, told: str, estate: GcpEmulation, tmp_path: Path
) -> None:
    plan = Plan(faults=[Rule(kind=kind, name="customJobs", operation=("create",))])
    with serving(estate, Faults(plan, estate.world), tmp_path) as door:
        path = f"/v1/{PARENT}/customJobs"
        error = call(door, "POST", path, MESSAGES["aiplatform:CustomJob"], status=status)["error"]
        assert (error["code"], error["status"]) == (status, told)
        call(door, "POST", path, MESSAGES["aiplatform:CustomJob"])  # the second goes well
        call(door, "GET", path)


@pytest.mark.parametrize(
    ("method", "path", "operation", "name"),
    [
        ("POST", f"/v1/{PARENT}/customJobs", "create", "customJobs"),
        ("POST", f"/v1/{PARENT}/models:upload", "create", "models"),
        ("POST", f"/v1/{PARENT}/endpoints/1:deployModel", "update", "1"),
        ("POST", f"/v1/{PARENT}/endpoints/1:rawPredict", "invoke", "1"),
        ("POST", "/v2/entries:list", "read", "entries"),
        ("PATCH", f"/v1/{PARENT}/endpoints/1", "update", "1"),
        ("PUT", "/upload/storage/v1/b/x/o", "create", "o"),
        ("DELETE", f"/v1/{PARENT}/endpoints/1", "delete", "1"),
        ("GET", f"/v1/{PARENT}/endpoints/1", "read", "1"),
    ],
)
def test_a_rule_of_faults_finds_its_calls(
    method: str, path: str, operation: str, name: str, gcp: GcpEmulation
) -> None:
    asked = gcp.asked({"REQUEST_METHOD": method, "PATH_INFO": path})
    assert (asked.operations, asked.name) == ((operation,), name)
