"""Models of the Hugging Face hub, from a hub on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from mlstack_local import remote
from mlstack_local.resources.model import Model, ModelInputs

import mlstack as ml
from mlstack.errors import TargetError
from mlstack.program import deploy
from mlstack.registry import provider
from mlstack.resource import UNKNOWN, Context, State
from mlstack.testing.record import record

from .hub import MODEL, Hub

URI = "hf://org/tiny@main/"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with Hub() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        monkeypatch.setenv("HF_TOKEN", "a-token")
        hub.files = {"config.json": b'{"model_type": "bert"}', "model.safetensors": b"w" * 5000}
        yield hub


def test_a_model_is_fetched_with_the_users_token(hub: Hub, context: Context) -> None:
    version = remote.version_of(URI, None)
    wanted = ModelInputs(stack_uid="uid", name="tiny", source=URI, version=version)
    made = Model().create(context, wanted)
    assert made.outputs["flavor"] == "huggingface"
    folder = context.root / made.outputs["uri"]
    assert {name: (folder / name).read_bytes() for name in hub.files} == hub.files
    assert {authorization for path, authorization in hub.asked if MODEL in path} == {"Bearer a-token"}
    fetched = [path for path, _ in hub.asked if "/resolve/" in path]
    hub.asked.clear()
    remote.ensure(URI, version)
    assert not [path for path, _ in hub.asked if MODEL in path]
    assert {path.rpartition("/")[2] for path in fetched} == set(hub.files)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_push_is_another_version(hub: Hub, name: str) -> None:
    before = remote.version_of(URI, None)
    assert remote.version_of(URI, None) == before
    hub.files[name] = b"z" + hub.files[name][1:]
    assert remote.version_of(URI, None) != before


def test_a_model_that_is_not_there(hub: Hub) -> None:
    with pytest.raises(TargetError) as caught:
        remote.version_of("hf://org/none@main/", None)
    assert caught.value.code == "remote-missing"


def model(**changes: Any) -> ModelInputs:
    return ModelInputs.model_validate(
        {"stack_uid": "uid", "name": "tiny", "source": "hf://org/tiny/", **changes}
    )


def updated(context: Context, state: State, wanted: ModelInputs) -> State:
    return State(state.id, wanted.model_dump(), Model().update(context, state, wanted))


def weights(context: Context, state: State) -> bytes:
    return (context.root / state.outputs["uri"] / "model.safetensors").read_bytes()


def test_a_model_by_its_id_stays_at_the_commit_of_the_first_up(hub: Hub, context: Context) -> None:
    first, old = hub.commit, hub.files["model.safetensors"]
    made = Model().create(context, model())
    assert made.outputs["pinned"] == f"hf://org/tiny@{first}/"
    assert made.outputs["flavor"] == "huggingface"
    assert len(made.outputs["version"]) == 12
    hub.files["model.safetensors"] = b"pushed"
    hub.asked.clear()
    assert Model().read(context, made) == made
    assert Model().preview(context, model().model_dump(), made) == made.outputs
    assert not hub.asked
    later = updated(context, made, model(flavor="huggingface", keep=1))
    assert later.outputs["pinned"] == made.outputs["pinned"]
    assert weights(context, later) == old


def test_another_revision_is_another_commit(hub: Hub, context: Context) -> None:
    hub.tags["v/1"] = hub.commit
    tagged = model(source=f"hf://org/tiny{remote.revision_part('v/1')}")
    made = Model().create(context, tagged)
    assert made.outputs["pinned"] == f"hf://org/tiny@{hub.tags['v/1']}/"
    hub.files["model.safetensors"] = b"pushed"
    wanted = model(source="hf://org/tiny@main/")
    seen = Model().preview(context, wanted.model_dump(), made)
    assert (seen["version"], seen["uri"]) == (UNKNOWN, UNKNOWN)
    later = updated(context, made, wanted)
    assert later.outputs["pinned"] == f"hf://org/tiny@{hub.commit}/"
    assert weights(context, later) == b"pushed"
    assert later.outputs["version"] != made.outputs["version"]


def test_what_a_killed_up_fetched_is_found_at_its_commit(hub: Hub, context: Context) -> None:
    wanted = model()
    assert Model().find(context, wanted.model_dump()) is None
    made = Model().create(context, wanted)
    hub.files["model.safetensors"] = b"pushed"
    found = Model().find(context, wanted.model_dump())
    assert found is not None
    assert found.outputs == made.outputs
    assert Model().find(context, model(source="hf://org/tiny@main/").model_dump()) is None


@pytest.mark.parametrize(("source", "named"), [("hf://org/none/", "org/none"), ("hf://org/tiny@v9/", "v9")])
def test_an_id_that_the_hub_does_not_have(hub: Hub, context: Context, source: str, named: str) -> None:
    with pytest.raises(TargetError) as caught:
        Model().create(context, model(source=source))
    assert caught.value.code == "remote-missing"
    assert named in str(caught.value.remedy)


SPEC = """
version: 1
name: hub
models:
  tiny: {hub: org/tiny, revision: v/1}
endpoints:
  e:
    deployments:
      main: {model: {hub: org/tiny}, traffic: 100}
"""


def test_builders_ask_nothing_of_the_hub(hub: Hub, context: Context) -> None:
    (context.root / "mlstack.yaml").write_text(SPEC)
    stack = ml.Stack.load(context.root / "mlstack.yaml")
    recording = record(provider("local"), lambda: deploy(stack), context.root)
    made = {(found.type.rpartition(":")[2], found.name): found.inputs for found in recording.children()}
    assert made["Model", "tiny"]["source"] == "hf://org/tiny@v%2F1/"
    assert made["Model", "e.main"]["source"] == "hf://org/tiny/"
    assert "transformers" in made["Environment", "e.main"]["requirements"]
    assert not hub.asked
