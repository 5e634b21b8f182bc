"""Models of the Hugging Face hub, from a hub on this machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from mlstack_local import remote
from mlstack_local.resources.model import Model, ModelInputs

from mlstack.errors import TargetError
from mlstack.resource import Context

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
