"""Each type: created, read, updated, read again, deleted."""

from __future__ import annotations

import typing
from pathlib import Path
from typing import Any

import pytest
from mlstack_gcp.rehearsal import GcpEmulation
from mlstack_gcp.rehearsal.kinds import KINDS
from mlstack_gcp.rehearsal.kinds.base import plain
from mlstack_gcp.rehearsal.kinds.members import Member
from pulumi import _types

from mlstack.rehearsal import CloudFault
from mlstack.rehearsal.inputs import problems
from mlstack.resource import UNKNOWN
from mlstack.sdktypes import resource_class

from .estate import CHANGES, ESTATE, PROJECT, REGION, WHO

_AGAIN = ("projects/service:Service", "projects/serviceIdentity:ServiceIdentity")
_LASTING = ("kms/keyRing:KeyRing", "kms/cryptoKey:CryptoKey", *_AGAIN)


def test_the_estate_has_every_type() -> None:
    assert set(ESTATE) == set(KINDS)


@pytest.mark.parametrize("kind", ESTATE)
def test_inputs_that_the_platform_takes_are_refused_by_no_rule_and_no_type(
    kind: str, gcp: GcpEmulation
) -> None:
    assert list(problems(gcp, f"gcp:{kind}", ESTATE[kind])) == []


@pytest.fixture
def ground(gcp: GcpEmulation, request: pytest.FixtureRequest) -> GcpEmulation:
    """All that comes before the type that is tested."""
    for kind, inputs in ESTATE.items():
        if kind == request.node.callspec.params["kind"]:
            break
        gcp.create(f"gcp:{kind}", inputs)
    return gcp


@pytest.mark.drawn(of=5)
@pytest.mark.parametrize("kind", ESTATE)
def test_life_of(kind: str, ground: GcpEmulation) -> None:
    token, inputs = f"gcp:{kind}", ESTATE[kind]
    promised = ground.promise(token, inputs)
    made = ground.create(token, inputs)
    assert set(made.outputs) <= set(promised), "what a preview did not show"
    for key, value in promised.items():
        if value is not UNKNOWN and key in made.outputs:
            assert plain(made.outputs[key]) == plain(value), key

    read = ground.read(token, made.id, inputs)
    assert read is not None
    assert plain(read.inputs) == plain(inputs), "what was just made shows no drift"
    assert read.outputs.keys() == made.outputs.keys()

    imported = ground.read(token, made.id, {})
    assert imported is not None
    again = ground.read(token, made.id, imported.inputs)
    assert again is not None
    assert again.inputs == imported.inputs

    change = ground.change(token)
    new = inputs | CHANGES.get(kind, {})
    assert not set(CHANGES.get(kind, {})) & change.replace_on
    updated = ground.update(token, made.id, inputs, new)
    assert updated.id == made.id
    after = ground.read(token, made.id, new)
    assert after is not None
    assert plain(after.inputs) == plain(new)
    if kind in CHANGES:
        before = ground.read(token, made.id, inputs)
        assert before is not None
        if "labels" not in CHANGES[kind] or len(CHANGES[kind]) > 1:
            assert plain(before.inputs) != plain(inputs), "drift shows"

    ground.delete(token, made.id, new)
    assert (ground.read(token, made.id, new) is None) == (kind not in _LASTING)
    ground.delete(token, made.id, new)  # again: no fault


@pytest.mark.drawn(of=5)
@pytest.mark.parametrize("kind", [one for one in ESTATE if KINDS[one].server is None and one not in _AGAIN])
def test_a_name_that_is_taken(kind: str, estate: GcpEmulation) -> None:
    if isinstance(KINDS[kind], Member):
        estate.create(f"gcp:{kind}", ESTATE[kind])  # a grant that is there already is granted
        return
    with pytest.raises(CloudFault, match="already exists") as caught:
        estate.create(f"gcp:{kind}", ESTATE[kind])
    assert caught.value.status == 409
    assert estate.words(caught.value).startswith(
        f"Error creating {KINDS[kind].title}: googleapi: Error 409: "
    )


def test_nothing_is_left_but_what_the_platform_keeps(estate: GcpEmulation) -> None:
    for kind in reversed(ESTATE):
        for id, document in list(estate.cloud.of(kind)):
            estate.delete(f"gcp:{kind}", _pulumi_id(estate, kind, id, document), ESTATE[kind])
        if isinstance(KINDS[kind], Member):
            made = estate.create(f"gcp:{kind}", ESTATE[kind])
            estate.delete(f"gcp:{kind}", made.id, ESTATE[kind])
    left = {one.id: one.why for one in estate.leftovers()}
    assert all(left.values()), left
    assert {id.split("/")[-2] for id in left if not id.endswith("/identity")} == {
        "cryptoKeys", "keyRings", "services",
    }  # fmt: skip


def _pulumi_id(emulation: GcpEmulation, kind: str, name: str, document: dict[str, Any]) -> str:
    if kind == "storage/bucket:Bucket":
        return name.removeprefix("b/")
    if kind == "projects/service:Service":
        return f"{PROJECT}/{name.rpartition('/')[2]}"
    if kind == "servicenetworking/connection:Connection":
        return f"{name.rpartition('/')[2]}:servicenetworking.googleapis.com"
    return name.rpartition("/")[2] if kind == "logging/metric:Metric" else name


def test_ids_and_outputs_are_those_of_the_package(estate: GcpEmulation) -> None:
    def outputs(kind: str, id: str) -> dict[str, Any]:
        found = estate.read(f"gcp:{kind}", id, ESTATE[kind])
        assert found is not None
        return dict(found.outputs)

    bucket = outputs("storage/bucket:Bucket", "demo-bucket")
    assert bucket["url"] == "gs://demo-bucket"
    assert bucket["labels"] == {"team": "vision"}
    assert bucket["effectiveLabels"] == {"team": "vision", "goog-pulumi-provisioned": "true"}
    account = outputs("serviceaccount/account:Account", f"projects/{PROJECT}/serviceAccounts/{WHO}")
    assert account["email"] == WHO
    assert account["member"] == f"serviceAccount:{WHO}"
    endpoint = outputs(
        "vertex/aiEndpoint:AiEndpoint", f"projects/{PROJECT}/locations/{REGION}/endpoints/1234567890"
    )
    assert endpoint["name"] == "1234567890"
    assert endpoint["dedicatedEndpointDns"].endswith(".prediction.vertexai.goog")
    secret = outputs(
        "secretmanager/secretVersion:SecretVersion", f"projects/{PROJECT}/secrets/token/versions/1"
    )
    assert secret["version"] == "1"


def test_two_processes_see_one_world(estate: GcpEmulation, tmp_path: Path) -> None:
    import subprocess
    import sys

    program = (
        "import sys; from pathlib import Path\n"
        "from mlstack.rehearsal import World\n"
        "from mlstack_gcp.rehearsal import GcpEmulation\n"
        "from mlstack_gcp.settings import Settings\n"
        f"gcp = GcpEmulation(World(Path(sys.argv[1])), Settings(project={PROJECT!r}), {REGION!r})\n"
        "gcp.delete('gcp:pubsub/topic:Topic', 'projects/demo-project/topics/alerts', {})\n"
        "print(gcp.cloud.get('b/demo-bucket')['id'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "world.db")], capture_output=True, text=True
    )
    assert done.stdout.strip() == "demo-bucket", done.stderr
    assert estate.cloud.get(f"projects/{PROJECT}/topics/alerts") is None


def test_a_bucket_that_holds_objects_stays(estate: GcpEmulation) -> None:
    estate.world.put_blob("demo-bucket/a", b"x", {})
    with pytest.raises(CloudFault, match="containing objects without force_destroy"):
        estate.delete("gcp:storage/bucket:Bucket", "demo-bucket", ESTATE["storage/bucket:Bucket"])
    estate.delete("gcp:storage/bucket:Bucket", "demo-bucket", {"forceDestroy": True})
    assert estate.world.blobs("demo-bucket/") == []


def test_secrets_are_in_no_document(estate: GcpEmulation) -> None:
    assert not [id for id, _, body in estate.world.under() if "hidden" in str(body)]


def test_an_edit_behind_the_back_shows_as_drift(estate: GcpEmulation) -> None:
    name = f"projects/{PROJECT}/locations/{REGION}/endpoints/1234567890"
    kind = "vertex/aiEndpoint:AiEndpoint"
    document = estate.cloud.there(name)
    document |= {"description": "by hand", "labels": {"team": "theirs"}}
    estate.cloud.put(name, kind, document)
    read = estate.read(f"gcp:{kind}", name, ESTATE[kind])
    assert read is not None
    assert read.inputs["description"] == "by hand"
    assert read.inputs["labels"] == {"team": "theirs"}
    assert read.inputs["displayName"] == "digits"


def test_a_private_endpoint_by_service_connect(gcp: GcpEmulation) -> None:
    kind = "vertex/aiEndpoint:AiEndpoint"
    private = {"enablePrivateServiceConnect": True, "projectAllowlists": ["other-project"]}
    inputs = {
        "name": "7",
        "displayName": "private",
        "location": REGION,
        "privateServiceConnectConfig": private,
    }
    made = gcp.create(f"gcp:{kind}", inputs)
    document = gcp.cloud.there(made.id)
    assert document["privateServiceConnectConfig"]["projectAllowlist"] == ["other-project"]
    read = gcp.read(f"gcp:{kind}", made.id, inputs)
    assert read is not None
    assert read.inputs == inputs


def test_a_policy_of_deletion_is_kept_to(estate: GcpEmulation) -> None:
    kind, id = "pubsub/topic:Topic", f"projects/{PROJECT}/topics/alerts"
    estate.delete(f"gcp:{kind}", id, ESTATE[kind] | {"deletionPolicy": "ABANDON"})
    assert estate.cloud.get(id) is not None
    with pytest.raises(CloudFault, match="deletion_policy"):
        estate.delete(f"gcp:{kind}", id, ESTATE[kind] | {"deletionPolicy": "PREVENT"})
    estate.delete(f"gcp:{kind}", id, ESTATE[kind])
    assert estate.cloud.get(id) is None


@pytest.mark.drawn(of=5)
@pytest.mark.parametrize("kind", ESTATE)
def test_outputs_are_of_the_types_that_the_package_has(kind: str, ground: GcpEmulation) -> None:
    """As the SDK takes them from the engine: a wrong type ends a program."""
    cls = resource_class(f"gcp:{kind}")
    assert cls is not None
    types = _types.resource_types(cls)
    made = ground.create(f"gcp:{kind}", ESTATE[kind])
    for key, value in plain(made.outputs).items():  # all numbers of the wire are floats
        wanted = typing.get_origin(types[key]) or types[key]
        if _types.is_output_type(wanted):
            wanted = dict
        assert isinstance(value, (int, float) if wanted is float else wanted), f"{key}: {value!r}"
        if isinstance(value, dict) and wanted is not dict:
            assert all(isinstance(one, str) for one in value.values()), f"{key}: {value!r}"
