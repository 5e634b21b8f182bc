"""The folder of an ejected program: no secret in it, nothing written over, all options of resources."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from pulumi.runtime.proto import resource_pb2
from ruamel.yaml import YAML

from mlstack.eject import write
from mlstack.eject.marks import Leaf, Marks
from mlstack.eject.record import Recording, Registered
from mlstack.engine.project import Project
from mlstack.errors import UsageError
from mlstack.plugin.wire import SECRET, SIGNATURE

CANARY = "canary-5f1d09"
OTHER = "canary-of-nowhere"
HEAD = "urn:pulumi:dev::demo::"
JOB, MODEL = f"{HEAD}mlstack:index:Job::train", f"{HEAD}mlstack:index:Model::net"
RUN = f"{HEAD}mlstack:index:Job$mlstack:local:Job::train"
COPY = f"{HEAD}mlstack:index:Model$mlstack:local:Model::net"


def secret(value: Any) -> dict[str, Any]:
    return {SIGNATURE: SECRET, "value": value}


def registered(
    urn: str, sent: dict[str, Any], marked: dict[str, Any] | None = None, **options: Any
) -> Registered:
    type, name = urn.split("::")[-2].split("$")[-1], urn.split("::")[-1]
    custom = not type.startswith("mlstack:index:")
    request = resource_pb2.RegisterResourceRequest(type=type, name=name, custom=custom, **options)
    request.object.update(sent)
    return Registered(urn, request, MessageToDict(request.object), marked or sent)


def recording() -> Recording:
    """A job with secrets among its inputs, and a model of what it wrote."""
    marks = Marks()
    uri = marks.mark(Leaf(RUN, ("outputs", "model", "uri"), False), "runs/1/model")
    job = {"token": secret(CANARY), "environment": {"KEY": secret(OTHER)}, "code": "src"}
    options: dict[str, Any] = {
        "protect": True,
        "ignoreChanges": ["code"],
        "deleteBeforeReplace": False,
        "deleteBeforeReplaceDefined": True,
        "retainOnDelete": True,
        "customTimeouts": resource_pb2.RegisterResourceRequest.CustomTimeouts(create="5m"),
    }
    made = [
        registered(JOB, {}),
        registered(RUN, job, parent=JOB, **options),
        registered(MODEL, {}),
        registered(
            COPY, {"uri": "runs/1/model"}, {"uri": uri}, parent=MODEL, dependencies=[RUN], deletedWith=RUN
        ),
    ]
    outputs = {
        MODEL: ({"uri": "runs/1/model"}, {"uri": uri}),
        f"{HEAD}pulumi:pulumi:Stack::demo-dev": (
            {"models": {"net": {"uri": "runs/1/model", "id": None}}},
            {"models": {"net": {"uri": uri, "id": None}}},
        ),
    }
    return Recording(marks, {each.urn: each for each in made}, {}, outputs)


def project(root: Path) -> Project:
    return Project(root, "demo", "dev", "local", lambda: None, {"name": "demo", "main": "elsewhere"})


EXPECTED = '''\
"""The stack dev of demo, as a plain Pulumi program."""

import os

import pulumi
from mlstack.gap import GapResource

config = pulumi.Config()

# jobs.train
jobs_train = pulumi.ComponentResource("mlstack:index:Job", "train")

train = GapResource(
    "mlstack:local:Job",
    "train",
    {
        "code": "src",
        "environment": {"KEY": config.require_secret("train-environment-KEY")},
        "token": pulumi.Output.secret(os.environ["TRAIN_TOKEN"]),
    },
    outputs=["outputs"],
    opts=pulumi.ResourceOptions(
        parent=jobs_train,
        delete_before_replace=False,
        protect=True,
        retain_on_delete=True,
        ignore_changes=["code"],
        custom_timeouts=pulumi.CustomTimeouts(create="5m"),
    ),
)

# models.net
models_net = pulumi.ComponentResource("mlstack:index:Model", "net")

net = GapResource(
    "mlstack:local:Model",
    "net",
    {"uri": train.outputs["model"]["uri"]},
    opts=pulumi.ResourceOptions(parent=models_net, deleted_with=train),
)

models_net_outputs = {"id": None, "uri": train.outputs["model"]["uri"]}
models_net.register_outputs(models_net_outputs)

pulumi.export("models", {"net": models_net_outputs})
'''


def test_a_program_is_written(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "train.py").write_text("print()")

    done = write(project(tmp_path), recording(), tmp_path / "out", {CANARY: "TRAIN_TOKEN"})

    text = (done.folder / "__main__.py").read_text()
    assert text == EXPECTED
    ast.parse(text)
    assert done.asked == ("train-environment-KEY",)
    assert (done.folder / "src" / "train.py").is_file()
    manifest = YAML(typ="safe", pure=True).load(done.folder / "Pulumi.yaml")
    assert manifest["runtime"]["name"] == "python"
    assert "main" not in manifest
    assert manifest["plugins"] == {"providers": [{"name": "mlstack", "path": ".venv/bin"}]}
    required = {line.split("==")[0] for line in (done.folder / "requirements.txt").read_text().splitlines()}
    assert required == {"pulumi", "mlstack", "mlstack-local"}


def test_no_file_holds_a_secret(tmp_path: Path) -> None:
    done = write(project(tmp_path), recording(), tmp_path / "out", {CANARY: "TRAIN_TOKEN"})
    everything = "".join(each.read_text() for each in done.folder.rglob("*") if each.is_file())
    assert CANARY not in everything
    assert OTHER not in everything
    assert "pulumi config set --secret train-environment-KEY" in (done.folder / "README.md").read_text()


def test_what_several_resources_wait_for_has_a_name(tmp_path: Path) -> None:
    made = recording()
    for name in ("one", "two"):
        urn = f"{HEAD}mlstack:index:Model$mlstack:local:Model::{name}"
        made.resources[urn] = registered(urn, {"n": name}, parent=MODEL, dependencies=[RUN, COPY])

    write(project(tmp_path), made, tmp_path / "out", {CANARY: "TRAIN_TOKEN", OTHER: "OTHER"})

    text = (tmp_path / "out" / "__main__.py").read_text()
    assert text.count("models_net_ready = [train, net]\n") == 1
    assert text.count("depends_on=models_net_ready") == 2
    assert text.index("models_net_ready = ") < text.index("one = GapResource(")


@pytest.mark.parametrize("option", [{"provider": "urn::id"}, {"remote": True}])
def test_what_is_not_written_is_refused(tmp_path: Path, option: dict[str, Any]) -> None:
    made = recording()
    made.resources[COPY] = registered(COPY, {}, **option)
    with pytest.raises(UsageError, match="eject does not write those"):
        write(project(tmp_path), made, tmp_path / "out", {})
    assert not (tmp_path / "out").exists()


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="is not empty"):
        write(project(tmp_path), recording(), tmp_path, {})
    assert [each.name for each in tmp_path.iterdir()] == ["mine.txt"]
