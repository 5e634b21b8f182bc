"""What the engine asks an emulated provider, and what it is told: the traps of the protocol."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import grpc
import pytest
from google.protobuf import empty_pb2
from google.protobuf.struct_pb2 import Struct
from google.rpc import status_pb2
from pulumi.runtime.proto import provider_pb2

from mlstack.plugin import wire
from mlstack.resource import UNKNOWN
from tests.e2e.rehearsal.tiny import ACCOUNT, CONNECTION, DEPLOYMENT, ENDPOINT, GROUP

pytest.importorskip("pulumi_azure_native")

Doors = Any
KINDS = provider_pb2.PropertyDiff
WHERE = {"resourceGroupName": "rg", "workspaceName": "ws"}
KEYED = {"authMode": "Key"}
SECRET = "a-key-that-nobody-sees"


def urn(token: str, name: str = "thing") -> str:
    return f"urn:pulumi:dev::project::mlstack:index:Endpoint${token}::{name}"


def sent(properties: dict[str, Any], *secret: wire.Path) -> Struct:
    return wire.encode_marked(properties, lambda path, _value: path in secret)


def endpoint(**more: Any) -> dict[str, Any]:
    return {**WHERE, "endpointName": "digits", "location": "eastus", "properties": KEYED, **more}


def check(doors: Doors, token: str, news: Struct, olds: Struct | None = None, **more: Any) -> Any:
    request = provider_pb2.CheckRequest(urn=urn(token), news=news, olds=olds or Struct(), **more)
    return doors.stub.Check(request)


def create(doors: Doors, token: str, properties: Struct, *, preview: bool = False) -> Any:
    request = provider_pb2.CreateRequest(urn=urn(token), properties=properties, preview=preview)
    return doors.stub.Create(request)


def diff(doors: Doors, token: str, old: dict[str, Any], new: dict[str, Any], *ignored: str) -> Any:
    request = provider_pb2.DiffRequest(
        urn=urn(token), old_inputs=sent(old), news=sent(new), ignoreChanges=ignored
    )
    return doors.stub.Diff(request)


def told(answer: Any) -> list[tuple[str, str]]:
    return [(failure.property, failure.reason) for failure in answer.failures]


class TestGreeting:
    def test_it_attaches_and_has_the_version_of_the_sdk(self, doors: Doors) -> None:
        from importlib.metadata import version

        assert doors.stub.Attach(provider_pb2.pulumi_dot_plugin__pb2.PluginAttach()) == empty_pb2.Empty()
        assert doors.stub.Handshake(provider_pb2.ProviderHandshakeRequest()).accept_secrets
        assert doors.stub.GetPluginInfo(empty_pb2.Empty()).version == version("pulumi-azure-native")
        configured = doors.stub.Configure(provider_pb2.ConfigureRequest())
        assert (configured.acceptSecrets, configured.supportsPreview) == (True, True)

    def test_its_config_is_taken_as_it_is_and_another_account_is_another_provider(self, doors: Doors) -> None:
        old, new = (
            sent({"subscriptionId": "a", "version": "1"}),
            sent({"subscriptionId": "b", "version": "2"}),
        )
        assert doors.stub.CheckConfig(provider_pb2.CheckRequest(news=new)).inputs == new
        changed = doors.stub.DiffConfig(provider_pb2.DiffRequest(old_inputs=old, news=new))
        assert list(changed.replaces) == ["subscriptionId"]
        same = sent({"subscriptionId": "a", "version": "2"})
        unchanged = doors.stub.DiffConfig(provider_pb2.DiffRequest(old_inputs=old, news=same))
        assert unchanged.changes == provider_pb2.DiffResponse.DIFF_NONE


class TestNames:
    GROUP_IN: ClassVar = {"location": "eastus"}

    def name(self, doors: Doors, olds: dict[str, Any] | None = None, **more: Any) -> Any:
        answer = check(doors, GROUP, sent(self.GROUP_IN), sent(olds or {}), **more)
        assert told(answer) == []
        return wire.decode(answer.inputs)[0]["resourceGroupName"]

    def test_a_name_is_made_of_the_seed_and_differs_with_it(self, doors: Doors) -> None:
        first, second = self.name(doors, randomSeed=b"1"), self.name(doors, randomSeed=b"2")
        assert first != second
        assert first == self.name(doors, randomSeed=b"1")
        assert first.startswith("thing")
        assert len(first) == len("thing") + 8

    def test_a_name_stays_while_the_resource_does(self, doors: Doors) -> None:
        assert self.name(doors, {"resourceGroupName": "old"}, randomSeed=b"2") == "old"

    def test_the_stacks_own_way_of_naming_is_followed(self, doors: Doors) -> None:
        options = provider_pb2.CheckRequest.AutonamingOptions
        proposed = options(proposed_name="thing-dev", mode=options.ENFORCE)
        assert self.name(doors, autonaming=proposed) == "thing-dev"
        forbidden = check(doors, GROUP, sent(self.GROUP_IN), autonaming=options(mode=options.DISABLE))
        assert "forbids" in told(forbidden)[0][1]

    def test_a_name_that_is_given_or_unknown_is_kept(self, doors: Doors) -> None:
        for name in ("mine", UNKNOWN):
            answer = check(doors, GROUP, sent({**self.GROUP_IN, "resourceGroupName": name}))
            assert wire.decode(answer.inputs)[0]["resourceGroupName"] is name or name == "mine"


class TestCheck:
    def test_right_inputs_come_back_as_they_were_marks_and_all(self, doors: Doors) -> None:
        given = sent(endpoint(tags={"a.b": "1"}), ("tags", "a.b"))
        answer = check(doors, ENDPOINT, given)
        assert (answer.inputs, told(answer)) == (given, [])

    @pytest.mark.parametrize(
        ("change", "path", "says"),
        [
            ({"propertie": {}}, "propertie", "did you mean 'properties'?"),
            ({"properties": {"authMode": "Keys"}}, "properties.authMode", "did you mean 'Key'?"),
            ({"properties": {}}, "properties.authMode", "needs 'authMode'"),
            ({"properties": {**KEYED, "trafic": {}}}, "properties.trafic", "did you mean 'traffic'?"),
            ({"properties": {**KEYED, "traffic": {"a-b": "x"}}}, 'properties.traffic["a-b"]', "whole number"),
            ({"tags": ["x"]}, "tags", "expected a mapping"),
        ],
    )
    def test_what_the_sdk_does_not_know_is_named_with_a_suggestion_and_a_source(
        self, doors: Doors, change: dict[str, Any], path: str, says: str
    ) -> None:
        ((property, reason),) = told(check(doors, ENDPOINT, sent(endpoint(**change))))
        assert property == path
        assert says in reason
        assert reason.endswith("(source: the types of pulumi-azure-native)")

    def test_what_the_platform_refuses_is_named_with_its_source(self, doors: Doors) -> None:
        properties = {"endpointComputeType": "Managed", "instanceType": "big"}
        given = {**WHERE, "endpointName": "digits", "properties": properties}
        assert told(check(doors, DEPLOYMENT, sent(given))) == [
            ("properties.instanceType", "no such size; did you mean 'Standard_DS3_v2'? (source: a page)")
        ]

    def test_a_secret_is_neither_named_as_a_property_nor_quoted(self, doors: Doors) -> None:
        given = endpoint(properties={"authMode": SECRET})
        ((property, reason),) = told(check(doors, ENDPOINT, sent(given, ("properties", "authMode"))))
        assert property == ""
        assert reason.startswith("properties.authMode: ")
        assert SECRET not in reason

    def test_unknown_values_are_let_through(self, doors: Doors) -> None:
        given = endpoint(properties={"authMode": UNKNOWN, "traffic": UNKNOWN}, tags=UNKNOWN, location=UNKNOWN)
        assert told(check(doors, ENDPOINT, sent(given))) == []

    def test_a_type_that_the_sdk_does_not_have(self, doors: Doors) -> None:
        ((_, reason),) = told(check(doors, "azure-native:machinelearningservices:Nothing", sent({})))
        assert "has no resource of type" in reason


class TestDiff:
    def test_paths_are_quoted_and_only_what_replaces_replaces(self, doors: Doors) -> None:
        old = endpoint(tags={"a.b": "1", "gone": "1"}, properties={**KEYED, "traffic": {"x-y": 1}})
        new = endpoint(tags={"a.b": "2", "here": "1"}, properties={**KEYED, "traffic": {"x-y": 2}})
        changed = diff(doors, ENDPOINT, old, new)
        assert {path: item.kind for path, item in changed.detailedDiff.items()} == {
            'tags["a.b"]': KINDS.UPDATE,
            "tags.gone": KINDS.DELETE,
            "tags.here": KINDS.ADD,
            'properties.traffic["x-y"]': KINDS.UPDATE,
        }
        assert (list(changed.replaces), changed.deleteBeforeReplace) == ([], False)
        assert sorted(changed.diffs) == ["properties", "tags"]

    def test_a_nested_property_may_replace(self, doors: Doors) -> None:
        old, new = endpoint(), endpoint(properties={"authMode": "AADToken", "description": "x"})
        changed = diff(doors, ENDPOINT, old, new)
        kinds = {path: item.kind for path, item in changed.detailedDiff.items()}
        assert kinds == {"properties.authMode": KINDS.UPDATE_REPLACE, "properties.description": KINDS.ADD}
        assert (list(changed.replaces), changed.deleteBeforeReplace) == (["properties"], True)

    def test_a_branch_that_goes_whole_replaces_when_it_holds_what_does(self, doors: Doors) -> None:
        gone = {**endpoint(), "properties": None}
        assert list(diff(doors, ENDPOINT, endpoint(), gone).replaces) == ["properties"]
        harmless = endpoint(properties={"description": "x"})
        assert list(diff(doors, ENDPOINT, harmless, gone).replaces) == []

    def test_what_is_ignored_is_no_change(self, doors: Doors) -> None:
        old, new = endpoint(tags={"a": "1"}), endpoint(tags={"a": "2"}, properties={"authMode": "AMLToken"})
        changed = diff(doors, ENDPOINT, old, new, "tags", "properties.authMode")
        assert changed.changes == provider_pb2.DiffResponse.DIFF_NONE
        assert list(diff(doors, ENDPOINT, old, new, 'tags["b"]', "properties.*").diffs) == ["tags"]

    def test_an_unknown_value_is_a_change_and_a_secret_that_stays_is_none(self, doors: Doors) -> None:
        assert list(diff(doors, ENDPOINT, endpoint(), endpoint(tags=UNKNOWN)).diffs) == ["tags"]
        request = provider_pb2.DiffRequest(
            urn=urn(ENDPOINT),
            old_inputs=sent(endpoint(tags={"k": SECRET}), ("tags", "k")),
            news=sent(endpoint(tags={"k": SECRET}), ("tags",)),
        )
        assert doors.stub.Diff(request).changes == provider_pb2.DiffResponse.DIFF_NONE


class TestLife:
    def test_a_preview_promises_what_is_given_and_makes_nothing(self, doors: Doors) -> None:
        answer = create(doors, ENDPOINT, sent(endpoint()), preview=True)
        promised, _ = wire.decode(answer.properties)
        assert promised["name"] is UNKNOWN
        properties = promised["properties"]
        assert properties["authMode"] == "Key"
        assert properties["scoringUri"] is UNKNOWN
        # the emulation promised nothing of these: the types of the SDK say that they will be there
        assert properties["swaggerUri"] is UNKNOWN
        assert properties["provisioningState"] is UNKNOWN
        assert list(doors.tiny.world.under()) == []

    def test_what_a_list_of_objects_will_have_is_unknown_too(self, doors: Doors) -> None:
        rules = {"ipRules": [{"iPAddressOrRange": "10.0.0.0/8"}], "defaultAction": "Deny"}
        given = {"kind": "StorageV2", "location": "eastus", "networkRuleSet": rules, "accountName": "a"}
        answer = create(doors, ACCOUNT, sent(given), preview=True)
        promised = wire.decode(answer.properties)[0]["networkRuleSet"]
        assert promised["ipRules"] == [{"iPAddressOrRange": "10.0.0.0/8", "action": UNKNOWN}]

    def test_what_goes_in_in_another_shape_than_it_comes_out_is_unknown(self, doors: Doors) -> None:
        identity = {"type": "UserAssigned", "userAssignedIdentities": ["/subscriptions/s/identities/i"]}
        answer = create(doors, ENDPOINT, sent(endpoint(identity=identity)), preview=True)
        promised = wire.decode(answer.properties)[0]["identity"]
        assert promised["userAssignedIdentities"] is UNKNOWN
        assert promised["type"] == "UserAssigned"

    def test_it_is_made_read_changed_and_deleted(self, doors: Doors) -> None:
        made = create(doors, ENDPOINT, sent(endpoint()))
        outputs, _ = wire.decode(made.properties)
        assert outputs["properties"]["scoringUri"] == "https://digits.example/score"
        new = endpoint(tags={"a": "1"})
        request = {"id": made.id, "urn": urn(ENDPOINT), "olds": made.properties, "news": sent(new)}
        preview = doors.stub.Update(provider_pb2.UpdateRequest(**request, preview=True))
        assert wire.decode(preview.properties)[0]["name"] == "digits"  # stable: no update changes it
        assert wire.decode(preview.properties)[0]["properties"]["scoringUri"] is UNKNOWN
        updated = doors.stub.Update(provider_pb2.UpdateRequest(**request))
        assert wire.decode(updated.properties)[0]["tags"] == {"a": "1"}
        read = doors.stub.Read(provider_pb2.ReadRequest(id=made.id, urn=urn(ENDPOINT)))  # as an import does
        assert (read.id, wire.decode(read.inputs)[0]) == (made.id, new)
        gone = provider_pb2.DeleteRequest(id=made.id, urn=urn(ENDPOINT), properties=made.properties)
        doors.stub.Delete(gone)
        doors.stub.Delete(gone)
        assert doors.stub.Read(provider_pb2.ReadRequest(id=made.id, urn=urn(ENDPOINT))).id == ""

    def test_numbers_are_whole_again_and_map_keys_untouched(self, doors: Doors) -> None:
        properties = {**KEYED, "traffic": {"my_Blue": 90.0}}
        made = create(doors, ENDPOINT, sent(endpoint(properties=properties, tags={"Cost_Centre": "1"})))
        held = doors.tiny.world.get(made.id)
        assert held["inputs"]["properties"]["traffic"] == {"my_Blue": 90}
        assert held["inputs"]["tags"] == {"Cost_Centre": "1"}


class TestSecrets:
    CREDENTIALS: ClassVar = {"authType": "ApiKey", "category": "ApiKey", "credentials": {"key": SECRET}}

    def connection(self, **properties: Any) -> tuple[Any, ...]:
        given = {**WHERE, "connectionName": "c", "properties": {**self.CREDENTIALS, **properties}}
        return given, ("properties", "credentials", "key")

    def test_a_nested_secret_comes_back_marked_where_it_was(self, doors: Doors) -> None:
        made = create(doors, CONNECTION, sent(*self.connection()))
        outputs, marked = wire.decode_marked(made.properties)
        assert outputs["properties"]["credentials"]["key"] == SECRET
        assert marked == {("properties", "credentials", "key")}

    def test_a_secret_that_comes_back_elsewhere_is_marked_there(self, doors: Doors) -> None:
        made = create(doors, CONNECTION, sent(*self.connection(target=f"https://x/?code={SECRET}")))
        assert ("properties", "target") in wire.decode_marked(made.properties)[1]
        read = doors.stub.Read(
            provider_pb2.ReadRequest(
                id=made.id, urn=urn(CONNECTION), inputs=Struct(), properties=made.properties
            )
        )
        assert ("properties", "credentials", "key") in wire.decode_marked(read.inputs)[1]

    def test_a_preview_marks_them_too(self, doors: Doors) -> None:
        promised = create(doors, CONNECTION, sent(*self.connection()), preview=True)
        assert wire.decode_marked(promised.properties)[1] == {("properties", "credentials", "key")}


class TestFailures:
    def failed(self, call: Any) -> Any:
        with pytest.raises(grpc.RpcError) as caught:
            call()
        return caught.value

    def test_a_refusal_of_the_cloud_reads_as_a_pulumi_package_words_it(self, doors: Doors) -> None:
        create(doors, ENDPOINT, sent(endpoint()))
        error = self.failed(lambda: create(doors, ENDPOINT, sent(endpoint())))
        assert error.code() == grpc.StatusCode.UNKNOWN
        assert error.details().startswith('Status=409 Code="Conflict" Message="cannot create already')

    def test_what_exists_of_a_failed_create_is_recorded_without_its_secrets(self, doors: Doors) -> None:
        given = sent(endpoint(tags={"half": "yes", "k": SECRET}), ("tags", "k"))
        error = self.failed(lambda: create(doors, ENDPOINT, given))
        (details,) = [item.value for item in error.trailing_metadata() if item.key.startswith("grpc-status")]
        partly = provider_pb2.ErrorResourceInitFailed()
        status_pb2.Status.FromString(details).details[0].Unpack(partly)
        assert partly.id.endswith("/digits")
        assert wire.decode_marked(partly.inputs)[1] == {("tags", "k")}
        assert wire.decode_marked(partly.properties)[1] == {("tags", "k")}

    def test_a_bug_of_the_emulation_is_told_and_logged(self, doors: Doors) -> None:
        error = self.failed(lambda: create(doors, "azure-native:storage:BlobContainer", sent({})))
        assert "this is a bug of mlstack" in error.details()
        assert "KeyError" in (Path(doors.root) / ".mlstack/log/plugin.log").read_text()


class TestInvoke:
    def test_a_function_is_answered_and_what_has_no_answer_says_so(self, doors: Doors) -> None:
        token = "azure-native:machinelearningservices:listOnlineEndpointKeys"
        answer = doors.stub.Invoke(
            provider_pb2.InvokeRequest(tok=token, args=sent({"endpointName": "digits"}))
        )
        assert wire.decode(getattr(answer, "return"))[0]["primaryKey"] == "first-key"
        with pytest.raises(grpc.RpcError, match="no answer for"):
            doors.stub.Invoke(provider_pb2.InvokeRequest(tok="azure-native:x:y"))
