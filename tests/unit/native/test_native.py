"""What a ``native`` block does to the inputs that the engine gets, and how its mistakes are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pulumi
import pytest

import mlstack as ml
from mlstack.errors import Problem, SpecError
from mlstack.program import deploy, guarded, run
from mlstack.provider import Provider
from mlstack.spec.load import load
from mlstack.testing import Recording, record

SPEC = """\
name: shelf
cloud: shelf
environments:
  sk: {image: "python:3.11"}
endpoints:
  digits:
    deployments:
      blue: {model: {hub: a/b}, environment: sk, traffic: 90}
      green: {model: {hub: a/b}, environment: sk, traffic: 10}
    native:
"""


BLUE: dict[str, Any] = {"blue": {"model": {"hub": "a/b"}, "environment": "sk", "traffic": 100}}


def up(shelf: Provider, root: Path, native: str) -> Recording:
    (root / "mlstack.yaml").write_text(
        SPEC + "".join(f"      {line}\n" for line in native.strip().splitlines())
    )
    stack = load(root / "mlstack.yaml")
    return record(shelf, lambda: deploy(stack), root)


def inputs(recording: Recording, name: str) -> dict[str, Any]:
    return next(each.inputs for each in recording.resources.values() if each.custom and each.name == name)


def problems(shelf: Provider, root: Path, native: str) -> list[Problem]:
    with pytest.raises(SpecError) as caught:
        up(shelf, root, native)
    return caught.value.problems


def test_without_a_type_it_goes_to_the_main_resource_alone(shelf: Provider, tmp_path: Path) -> None:
    made = up(shelf, tmp_path, "shelf: {properties: {public_network_access: Disabled}, kind: mine}")
    plain = up(shelf, tmp_path, "other: {}")
    assert inputs(made, "digits") == {
        **inputs(plain, "digits"),
        "kind": "mine",
        "properties": {
            "authMode": "Key",
            "traffic": {"blue": 90, "green": 10},
            "publicNetworkAccess": "Disabled",
        },
    }
    for child in ("digits-blue", "digits-green", "digits-traffic"):
        assert inputs(made, child) == inputs(plain, child)


def test_with_type_and_name_it_goes_to_that_child(shelf: Provider, tmp_path: Path) -> None:
    made = up(shelf, tmp_path, 'shelf: {"OnlineDeployment[blue]": {properties: {description: fast}}}')
    assert inputs(made, "digits-blue")["properties"]["description"] == "fast"
    assert inputs(made, "digits-blue")["properties"]["instanceType"] == "Standard_D2s_v3"
    assert "description" not in inputs(made, "digits-green")["properties"]


def test_the_whole_logical_name_does_as_well(shelf: Provider, tmp_path: Path) -> None:
    made = up(shelf, tmp_path, 'shelf: {"OnlineDeployment[digits-green]": {kind: mine}}')
    assert inputs(made, "digits-green")["kind"] == "mine"
    assert "kind" not in inputs(made, "digits-blue")


def test_maps_merge_lists_replace_and_null_removes(shelf: Provider, tmp_path: Path) -> None:
    made = up(
        shelf,
        tmp_path,
        """
shelf:
  properties: {traffic: {blue: null, green: 100}}
  tags: {owner: me}
  OnlineDeployment[blue]:
    sku: null
    properties:
      request_settings: {request_timeout: PT9S, max_concurrent_requests_per_instance: null}
      data_collector:
        collections: {inputs: {data_collection_mode: Enabled, sampling_rate: 0.5}}
""",
    )
    assert inputs(made, "digits")["properties"]["traffic"] == {"green": 100}
    assert inputs(made, "digits")["tags"] == {"team": "vision", "owner": "me"}
    blue = inputs(made, "digits-blue")
    assert "sku" not in blue
    assert blue["properties"]["requestSettings"] == {"requestTimeout": "PT9S", "maxQueueWait": "PT0.5S"}
    assert blue["properties"]["dataCollector"]["collections"]["inputs"]["samplingRate"] == 0.5


def test_another_class_of_a_union_is_named_by_its_discriminator(shelf: Provider, tmp_path: Path) -> None:
    made = up(
        shelf,
        tmp_path,
        """
shelf:
  OnlineDeployment[blue]:
    properties:
      scale_settings: {scale_type: TargetUtilization, max_instances: 3}
  OnlineDeployment[green]:
    properties:
      endpoint_compute_type: Kubernetes
      container_resource_requirements: {container_resource_limits: {cpu: "1"}}
""",
    )
    scale = inputs(made, "digits-blue")["properties"]["scaleSettings"]
    assert (scale["scaleType"], scale["maxInstances"]) == ("TargetUtilization", 3)
    green = inputs(made, "digits-green")["properties"]
    assert green["endpointComputeType"] == "Kubernetes"
    assert green["instanceType"] == "Standard_D2s_v3"  # both classes have it
    assert green["containerResourceRequirements"] == {"containerResourceLimits": {"cpu": "1"}}


def test_an_item_of_a_list_may_be_an_object(shelf: Provider, tmp_path: Path) -> None:
    (one,) = problems(
        shelf,
        tmp_path,
        "shelf: {identity: {type: UserAssigned, user_assigned_identities: [3]}}",
    )
    assert one.path == "endpoints.digits.native.shelf.identity.user_assigned_identities.0"


def test_the_spec_that_was_read_is_told_with_file_line_and_column(shelf: Provider, tmp_path: Path) -> None:
    (one,) = problems(
        shelf,
        tmp_path,
        """
shelf:
  OnlineDeployment[blue]:
    properties: {instance_typ: Standard_F4s_v2}
""",
    )
    assert one.code == "bad-native"
    assert one.path == "endpoints.digits.native.shelf.OnlineDeployment[blue].properties.instance_typ"
    assert one.remedy == "did you mean 'instance_type'?"
    assert one.file is not None
    line = Path(one.file).read_text().splitlines()[(one.line or 0) - 1]
    assert line[(one.column or 0) - 1 :].startswith("Standard_F4s_v2")  # the value that nothing takes


@pytest.mark.parametrize(
    ("native", "message", "remedy"),
    [
        ("shelf: {knd: mine}", "OnlineEndpointArgs has no 'knd'", "did you mean 'kind'?"),
        (
            "shelf: {sku: {name: Default, capacity: many}}",
            "expected a whole number, not 'many'",
            "write what is",
        ),
        ("shelf: {sku: {capacity: 2}}", "SkuArgs needs 'name'", "give name a value"),
        ("shelf: {properties: {auth_mode: Kee}}", "not 'Kee'", "did you mean 'Key'?"),
        ("shelf: {properties: {auth_mode: null}}", "needs 'auth_mode'", "give auth_mode"),
        ("shelf: {properties: null}", "needs 'properties'", "give properties"),
        ("shelf: {properties: [1]}", "expected a mapping (OnlineEndpointPropertiesArgs)", "write"),
        ("shelf: {tags: {team: [a]}}", "expected a text, not a list", "write what"),
        ('shelf: {"OnlineDeployment[blu]": {}}', "has no child 'OnlineDeployment[blu]'", "[blue]'?"),
        ("shelf: {OnlineDeployment: {}}", "may be any of OnlineDeployment[blue], Onl", "name the one"),
        ("shelf: {BatchEndpoint: {}}", "has no child 'BatchEndpoint'", "its children are OnlineDepl"),
        ("shelf: {Traffic: {split: {}}}", "Traffic[traffic] is a resource of mlstack's own", "in the spec"),
        ('shelf: {"OnlineDeployment[blue]": 3}', "takes a mapping of inputs, not 3", "write a mapping"),
        (
            'shelf: {"OnlineDeployment[blue]": {properties: {endpoint_compute_type: Managd}}}',
            "has 'Managed' here, not 'Managd'",
            "did you mean 'Managed'?",
        ),
        (
            'shelf: {"OnlineDeployment[blue]": {properties: {scale_settings: {}}}}',
            "any of DefaultScaleSettingsArgs, TargetUtilizationScaleSettingsArgs",
            "write what is expected",
        ),
        (
            "shelf: {deployment_name: blue}",
            "has no 'deployment_name'",
            "write OnlineDeployment[blue]: {deplo",
        ),
    ],
)
def test_a_mistake_is_told_with_its_cure(
    shelf: Provider, tmp_path: Path, native: str, message: str, remedy: str
) -> None:
    (one,) = problems(shelf, tmp_path, native)
    assert message in one.message
    assert remedy in str(one.remedy)


def test_all_mistakes_of_a_stack_are_told_at_once(shelf: Provider, tmp_path: Path) -> None:
    text = SPEC + '      shelf: {knd: 1, "OnlineDeployment[red]": {}}\n'
    text += "jobs:\n  train: {command: x, native: {shelf: {command: y}}}\n"
    (tmp_path / "mlstack.yaml").write_text(text)
    stack = load(tmp_path / "mlstack.yaml")
    with pytest.raises(SpecError) as caught:
        record(shelf, lambda: deploy(stack), tmp_path)
    assert [each.path.partition(".native")[0] for each in caught.value.problems] == [
        "endpoints.digits",
        "endpoints.digits",
        "jobs.train",
    ]
    last = caught.value.problems[-1]
    assert "made by mlstack itself (Job)" in last.message
    assert last.remedy == "leave it out"


def test_in_a_pulumi_program_it_is_an_argument(shelf: Provider, tmp_path: Path) -> None:
    def program() -> None:
        description = pulumi.Output.from_input("said later")
        ml.Endpoint(
            "digits",
            deployments=BLUE,
            native={"shelf": {"OnlineDeployment[blue]": {"properties": {"description": description}}}},
        )

    made = record(shelf, program, tmp_path)
    assert inputs(made, "digits-blue")["properties"]["description"] == "said later"


def test_a_mistake_in_a_pulumi_program_ends_it(shelf: Provider, tmp_path: Path) -> None:
    def program() -> None:
        ml.Endpoint("one", deployments=BLUE, native={"shelf": {"knd": 1}})
        ml.Endpoint("two", deployments=BLUE, native={"shelf": {"Nothing": {}}})

    def watched() -> None:
        with run() as ran:
            with pytest.raises(pulumi.RunError):
                guarded(program, tmp_path)()
            assert isinstance(ran.error, SpecError)
            assert [each.path.split(".")[1] for each in ran.error.problems] == ["one", "two"]

    record(shelf, watched, tmp_path)


def test_what_was_set_is_noted_for_the_preview(shelf: Provider, tmp_path: Path) -> None:
    notes = []

    def program() -> None:
        from mlstack.program import current

        ml.Endpoint(
            "digits",
            deployments=BLUE,
            native={"shelf": {"kind": "x", "properties": {"traffic": {"a": 3, "b": None}}}},
        )
        current().finish()
        notes.extend(current().notes)

    record(shelf, program, tmp_path)
    (note,) = notes
    assert (note.code, note.resource, note.field) == ("native", "endpoints.digits", "native.shelf")
    assert note.message == (
        "set natively on OnlineEndpoint: kind, properties.traffic.a, properties.traffic.b"
    )
