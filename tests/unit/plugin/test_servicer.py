"""The service over a real channel: what the engine asks, and what it is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from google.rpc import status_pb2
from pulumi.runtime.proto import provider_pb2

from mlstack.plugin import wire
from mlstack.plugin.errors import parse
from mlstack.resource import UNKNOWN

# The fixture's class; a test folder is no package to import from.
Service = Any


def encoded(properties: dict[str, Any], *secrets: str) -> Any:
    return wire.encode(properties, frozenset(secrets))


def check(service: Service, inputs: dict[str, Any], *secrets: str) -> Any:
    return service.stub.Check(provider_pb2.CheckRequest(urn=service.urn(), news=encoded(inputs, *secrets)))


def create(service: Service, inputs: dict[str, Any], *secrets: str, preview: bool = False) -> Any:
    return service.stub.Create(
        provider_pb2.CreateRequest(urn=service.urn(), properties=encoded(inputs, *secrets), preview=preview)
    )


def diff(service: Service, old: dict[str, Any], new: dict[str, Any]) -> Any:
    return service.stub.Diff(
        provider_pb2.DiffRequest(id="a.txt", urn=service.urn(), old_inputs=encoded(old), news=encoded(new))
    )


def read(service: Service, state_id: str, inputs: Any = None, outputs: Any = None) -> Any:
    return service.stub.Read(
        provider_pb2.ReadRequest(
            id=state_id, urn=service.urn(), inputs=inputs or encoded({}), properties=outputs or encoded({})
        )
    )


def failed(call: Any) -> Any:
    with pytest.raises(grpc.RpcError) as caught:
        call()
    assert caught.value.code() == grpc.StatusCode.UNKNOWN
    return caught.value


INSTALLED = (
    "pip install 'mlstack[kubernetes]'; installed are: aws, azure, gcp, local, probe. Others are "
    "distributions of their own."
)


class TestHandshake:
    def test_it_says_what_it_is(self, service: Service) -> None:
        assert service.stub.GetPluginInfo(empty_pb2.Empty()).version == "1.2.3"
        assert service.stub.Handshake(provider_pb2.ProviderHandshakeRequest()).accept_secrets
        configured = service.stub.Configure(provider_pb2.ConfigureRequest())
        assert (configured.acceptSecrets, configured.supportsPreview) == (True, True)

    def test_its_configuration_is_taken_as_it_is(self, service: Service) -> None:
        news = encoded({"version": "1"})
        assert service.stub.CheckConfig(provider_pb2.CheckRequest(news=news)).inputs == news
        changed = service.stub.DiffConfig(provider_pb2.DiffRequest(news=news)).changes
        assert changed == provider_pb2.DiffResponse.DIFF_NONE


class TestCheck:
    def test_right_inputs_come_back_unchanged_secrets_still_marked(self, service: Service) -> None:
        inputs = {"path": "a.txt", "password": "s3cret"}
        checked = check(service, inputs, "password")
        assert list(checked.failures) == []
        assert wire.decode(checked.inputs) == (inputs, frozenset({"password"}))

    def test_every_wrong_input_is_named_by_its_path(self, service: Service) -> None:
        checked = check(service, {"lines": [1, "x"], "labels": {"a.b": 3}, "colour": "red"})
        paths = {failure.property for failure in checked.failures}
        assert paths == {"path", "lines[1]", 'labels["a.b"]', "colour"}
        assert all(failure.reason for failure in checked.failures)

    def test_a_secret_is_not_named_as_a_property_as_the_engine_would_show_it(self, service: Service) -> None:
        checked = check(service, {"path": "a.txt", "password": 3, "lines": ["x"]}, "password")
        assert [(failure.property, failure.reason) for failure in checked.failures] == [
            ("", "password: Input should be a valid string"),
            ("lines[0]", "Input should be a valid integer, unable to parse string as an integer"),
        ]

    def test_unknown_inputs_are_let_through(self, service: Service) -> None:
        checked = check(service, {"path": UNKNOWN, "text": UNKNOWN, "lines": [UNKNOWN], "labels": UNKNOWN})
        assert list(checked.failures) == []

    def test_the_resources_own_check_comes_after_the_types(self, service: Service) -> None:
        (failure,) = check(service, {"path": "a.txt", "text": "# no"}).failures
        assert (failure.property, failure.reason) == ("text", "begins with a comment")


class TestDiff:
    KINDS = provider_pb2.PropertyDiff

    def test_no_change(self, service: Service) -> None:
        same = diff(service, {"path": "a.txt", "text": None}, {"path": "a.txt"})
        assert same.changes == provider_pb2.DiffResponse.DIFF_NONE
        assert (list(same.diffs), list(same.replaces), dict(same.detailedDiff)) == ([], [], {})

    def test_a_change_in_place(self, service: Service) -> None:
        old = {"path": "a.txt", "text": "one", "labels": {"a.b": "1", "gone": "1"}, "lines": [1, 2]}
        new = {"path": "a.txt", "text": "two", "labels": {"a.b": "2", "here": "1"}, "lines": [1, 3]}
        changed = diff(service, old, new)
        assert changed.changes == provider_pb2.DiffResponse.DIFF_SOME
        assert sorted(changed.diffs) == ["labels", "lines", "text"]
        assert list(changed.replaces) == []
        assert not changed.deleteBeforeReplace
        assert {path: item.kind for path, item in changed.detailedDiff.items()} == {
            "text": self.KINDS.UPDATE,
            'labels["a.b"]': self.KINDS.UPDATE,
            "labels.gone": self.KINDS.DELETE,
            "labels.here": self.KINDS.ADD,
            "lines[1]": self.KINDS.UPDATE,
        }

    def test_a_change_that_replaces(self, service: Service) -> None:
        changed = diff(service, {"path": "a.txt", "text": "one"}, {"path": "b.txt", "text": "two"})
        assert list(changed.replaces) == ["path"]
        assert changed.deleteBeforeReplace
        assert changed.detailedDiff["path"].kind == self.KINDS.UPDATE_REPLACE
        assert changed.detailedDiff["text"].kind == self.KINDS.UPDATE

    def test_an_unknown_input_may_replace(self, service: Service) -> None:
        assert list(diff(service, {"path": "a.txt"}, {"path": UNKNOWN}).replaces) == ["path"]


class TestCreate:
    def test_a_preview_makes_nothing_and_keeps_unknown_what_is(self, service: Service) -> None:
        planned = create(service, {"path": "a.txt", "text": "hello"}, preview=True)
        outputs, _ = wire.decode(planned.properties)
        assert outputs["text"] == "hello"
        assert outputs["size"] is UNKNOWN
        assert outputs["place"] == {"path": "a.txt", "inode": UNKNOWN}
        assert list(service.root.iterdir()) == []

    def test_it_is_made_and_its_secrets_are_marked(self, service: Service) -> None:
        made = create(service, {"path": "a.txt", "text": "hello", "password": "s3cret"}, "password")
        outputs, secrets = wire.decode(made.properties)
        assert (service.root / "a.txt").read_text() == "hello"
        assert made.id == "a.txt"
        assert outputs == {
            "path": "a.txt", "text": "hello", "password": "s3cret", "size": 5, "key": "the-key",
        }  # fmt: skip
        assert secrets == {"password", "key"}
        assert made.refresh_before_update

    def test_a_failure_that_made_nothing(self, service: Service) -> None:
        error = failed(lambda: create(service, {"path": "nowhere/a.txt", "text": "hello"}))
        assert parse(error.details())[2] == "bug"  # the probe did not foresee it

    def test_a_failure_that_made_part_of_it_says_what_exists(self, service: Service) -> None:
        error = failed(
            lambda: create(service, {"path": "a.txt", "text": "x", "password": "s3cret"}, "password")
        )
        assert parse(error.details()) == ("the text is too short", "write more", "user")
        detail = provider_pb2.ErrorResourceInitFailed()
        status = status_pb2.Status.FromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
        assert status.details[0].Unpack(detail)
        assert detail.id == "a.txt"
        assert wire.decode(detail.inputs)[0]["text"] == "x"
        assert wire.decode(detail.properties)[0]["size"] == 1
        assert list(detail.reasons) == [error.details()]
        assert detail.refresh_before_update

    def test_what_exists_in_part_keeps_its_secrets_marked(self, service: Service) -> None:
        error = failed(
            lambda: create(service, {"path": "a.txt", "text": "x", "password": "s3cret"}, "password")
        )
        detail = provider_pb2.ErrorResourceInitFailed()
        status = status_pb2.Status.FromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
        status.details[0].Unpack(detail)
        assert wire.decode(detail.inputs)[1] == {"password"}
        assert wire.decode(detail.properties)[1] == {"password", "key"}


class TestRead:
    def test_what_is_really_there(self, service: Service) -> None:
        made = create(service, {"path": "a.txt", "text": "hello", "password": "s3cret"}, "password")
        (service.root / "a.txt").write_text("changed")
        inputs = encoded({"path": "a.txt", "text": "hello", "password": "s3cret"}, "password")
        now = read(service, made.id, inputs, made.properties)
        assert now.id == "a.txt"
        assert wire.decode(now.inputs) == (
            {"path": "a.txt", "text": "changed", "password": "s3cret"},
            frozenset({"password"}),
        )
        outputs, secrets = wire.decode(now.properties)
        assert outputs["size"] == 7
        assert secrets == {"password", "key"} & outputs.keys()

    def test_what_is_gone_has_no_id(self, service: Service) -> None:
        made = create(service, {"path": "a.txt", "text": "hello"})
        (service.root / "a.txt").unlink()
        gone = read(service, made.id, encoded({"path": "a.txt"}), made.properties)
        assert gone.id == ""
        assert not gone.properties.fields

    def test_a_default_that_nobody_gave_is_no_input(self, service: Service) -> None:
        (service.root / "a.txt").write_text("")
        unsaid, said = ({"path": "a.txt"}, {"path": "a.txt", "text": ""})
        for inputs in (unsaid, said):
            now = read(service, "a.txt", encoded(inputs), encoded({}))
            assert wire.decode(now.inputs)[0] == inputs
            assert (
                diff(service, wire.decode(now.inputs)[0], inputs).changes
                == provider_pb2.DiffResponse.DIFF_NONE
            )

    def test_an_import_knows_the_id_alone(self, service: Service) -> None:
        (service.root / "b.txt").write_text("from before")
        found = read(service, "b.txt")
        assert found.id == "b.txt"
        assert wire.decode(found.inputs)[0] == {"path": "b.txt", "text": "from before"}


class TestUpdateAndDelete:
    def update(self, service: Service, made: Any, text: str, *, preview: bool = False) -> Any:
        return service.stub.Update(
            provider_pb2.UpdateRequest(
                id=made.id,
                urn=service.urn(),
                olds=made.properties,
                old_inputs=encoded({"path": "a.txt", "text": "hello"}),
                news=encoded({"path": "a.txt", "text": text}),
                preview=preview,
            )
        )

    def test_a_preview_changes_nothing_and_hides_what_is_secret(self, service: Service) -> None:
        made = create(service, {"path": "a.txt", "text": "hello"})
        planned = self.update(service, made, "good morning", preview=True)
        outputs, secrets = wire.decode(planned.properties)
        assert (outputs["text"], outputs["size"]) == ("good morning", 5)
        assert secrets == {"key"}
        assert (service.root / "a.txt").read_text() == "hello"

    def test_it_is_changed(self, service: Service) -> None:
        made = create(service, {"path": "a.txt", "text": "hello"})
        changed = self.update(service, made, "good morning")
        assert wire.decode(changed.properties)[0]["size"] == 12
        assert (service.root / "a.txt").read_text() == "good morning"

    def test_it_is_deleted_and_deleting_again_is_fine(self, service: Service) -> None:
        made = create(service, {"path": "a.txt", "text": "hello"})
        request = provider_pb2.DeleteRequest(id=made.id, urn=service.urn(), properties=made.properties)
        service.begin()
        service.stub.Delete(request)
        assert not (service.root / "a.txt").exists()
        service.stub.Delete(request)

    def test_what_a_replacement_found_again_is_not_deleted(self, service: Service) -> None:
        """A replacement stopped before the old one went, and is taken back: the old one is there still, to be
        deleted, and has the id of the new one."""
        inputs = {"path": "a.txt", "text": "hello"}
        old = create(service, inputs)
        service.begin()
        new = create(service, inputs)
        assert new.id == old.id
        request = provider_pb2.DeleteRequest(id=old.id, urn=service.urn(), properties=old.properties)
        service.stub.Delete(request)
        assert (service.root / "a.txt").exists()

    def test_what_a_refresh_has_looked_at_is_deleted(self, service: Service) -> None:
        inputs = {"path": "a.txt", "text": "hello"}
        made = create(service, inputs)
        service.begin()
        assert diff(service, inputs, inputs).changes == provider_pb2.DiffResponse.DIFF_NONE
        request = provider_pb2.DeleteRequest(id=made.id, urn=service.urn(), properties=made.properties)
        service.stub.Delete(request)
        assert not (service.root / "a.txt").exists()

    def test_cancel_reaches_the_verbs(self, service: Service) -> None:
        made = create(service, {"path": "a.txt", "text": "hello"})
        service.stub.Cancel(empty_pb2.Empty())
        assert service.servicer.cancelled.is_set()
        service.begin()
        request = provider_pb2.DeleteRequest(id=made.id, urn=service.urn(), properties=made.properties)
        error = failed(lambda: service.stub.Delete(request))
        assert parse(error.details()) == ("stopped before anything was deleted", None, "transient")


class TestUnforeseen:
    def test_a_bug_leaves_its_traceback_in_a_log_and_its_place_with_the_user(self, service: Service) -> None:
        error = failed(lambda: create(service, {"path": "nowhere/a.txt", "text": "hello"}))
        message, remedy, category = parse(error.details())
        assert category == "bug"
        assert message.startswith("FileNotFoundError: ")
        log = service.root / ".mlstack" / "log" / "plugin.log"
        assert str(log.relative_to(service.root)) in (remedy or "")
        assert "Traceback (most recent call last)" in log.read_text()
        assert "Traceback" not in error.details()

    @pytest.mark.parametrize(
        ("token", "message", "remedy"),
        [
            (
                "mlstack:kubernetes:Thing",
                "the target 'kubernetes' is not installed",
                INSTALLED,
            ),
            ("mlstack:probe:Thing", "the probe provider has no resource of type", None),
        ],
    )
    @pytest.mark.usefixtures("absent")
    def test_a_type_that_is_not_there_is_no_bug(
        self, service: Service, token: str, message: str, remedy: str | None
    ) -> None:
        request = provider_pb2.CheckRequest(urn=service.urn(token=token), news=encoded({}))
        text, said, category = parse(failed(lambda: service.stub.Check(request)).details())
        assert text.startswith(message)
        assert (said, category) == (remedy, "user")


def test_the_spec_folder_is_the_nearest_that_holds_a_program(tmp_path: Path) -> None:
    from mlstack.plugin.__main__ import spec_folder

    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert spec_folder(inner) == inner
    (tmp_path / "mlstack.yaml").write_text("version: 1\n")
    assert spec_folder(inner) == tmp_path
    (tmp_path / "a" / "Pulumi.yaml").write_text("name: a\n")
    assert spec_folder(inner) == tmp_path / "a"
