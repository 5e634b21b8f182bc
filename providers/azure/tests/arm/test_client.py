"""The client at the wire: tokens, retries, operations that take long, pages."""

from __future__ import annotations

import threading

import pytest
from azure.core.credentials import AccessToken
from mlstack_azure.arm import ML_API, Arm, Cloud, Interrupted
from mlstack_azure.arm.cloud import PUBLIC
from mlstack_azure.arm.failures import HttpFailure

from mlstack.errors import TargetError
from providers.azure.tests.strict import Says, Server

ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/jobs/j"


def test_the_version_of_the_interface_is_on_every_request(arm: Arm, server: Server) -> None:
    server.on("GET", ID, Says(body={"name": "j"}))
    assert arm.get(ID) == {"name": "j"}
    assert server.asked[0].query == {"api-version": ML_API}
    arm.get(ID, "2020-01-01", extra="x")
    assert server.asked[1].query == {"api-version": "2020-01-01", "extra": "x"}


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 408])
def test_throttled_and_failing_requests_are_sent_again(arm: Arm, server: Server, status: int) -> None:
    server.on("PUT", ID, Says(status), Says(status), Says(200, {"properties": {}}))
    arm.put(ID, {"properties": {"a": 1}})
    assert [asked.body for asked in server.calls("PUT", ID)] == [{"properties": {"a": 1}}] * 3


def test_a_connection_that_drops_is_tried_again(arm: Arm, server: Server) -> None:
    server.on("GET", ID, Says(drop=True), Says(body={"name": "j"}))
    assert arm.get(ID)["name"] == "j"


def test_retry_after_is_honoured(server: Server) -> None:
    waited: list[float] = []

    class Clock(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waited.append(timeout or 0)
            return False

    server.on("POST", f"{ID}/cancel", Says(429, headers={"Retry-After": "17"}), Says(200))
    with Arm(_cloud(server), None, cancelled=Clock()) as arm:
        arm.post(f"{ID}/cancel")
    assert waited == [17]


def test_what_is_wrong_is_not_sent_again(arm: Arm, server: Server) -> None:
    server.on("PUT", ID, Says(400, {"error": {"code": "BadRequest", "message": "no such size"}}))
    with pytest.raises(HttpFailure) as raised:
        arm.put(ID, {})
    assert len(server.calls("PUT", ID)) == 1
    assert raised.value.category == "user"
    assert "no such size" in raised.value.message


def test_it_gives_up_and_says_transient(arm: Arm, server: Server) -> None:
    server.on("GET", ID, Says(503, {"error": {"code": "ServerBusy", "message": "busy"}}))
    with pytest.raises(TargetError) as raised:
        arm.get(ID)
    assert raised.value.category == "transient"
    assert len(server.asked) == 8


def test_an_operation_is_polled_to_its_end_and_the_thing_read(arm: Arm, server: Server) -> None:
    going = "/subscriptions/s/operations/1"
    header = {"Azure-AsyncOperation": f"{{url}}{going}?api-version=1"}
    server.on("PUT", ID, Says(201, {"properties": {"provisioningState": "Creating"}}, header))
    server.on("GET", going, Says(body={"status": "InProgress"}), Says(body={"status": "Succeeded"}))
    server.on("GET", ID, Says(body={"properties": {"provisioningState": "Succeeded"}}))
    assert arm.put(ID, {})["properties"]["provisioningState"] == "Succeeded"
    assert len(server.calls("GET", going)) == 2


def test_an_operation_told_by_its_body_alone(arm: Arm, server: Server) -> None:
    server.on("PUT", ID, Says(201, {"properties": {"provisioningState": "Updating"}}))
    server.on(
        "GET",
        ID,
        Says(body={"properties": {"provisioningState": "Updating"}}),
        Says(body={"properties": {"provisioningState": "Succeeded"}, "name": "j"}),
    )
    assert arm.put(ID, {})["name"] == "j"


def test_an_operation_by_its_location(arm: Arm, server: Server) -> None:
    place = "/subscriptions/s/results/1"
    server.on("DELETE", ID, Says(202, headers={"Location": f"{{url}}{place}?api-version=1"}))
    server.on("GET", place, Says(202), Says(204))
    assert arm.delete(ID) is True
    assert len(server.calls("GET", place)) == 2


def test_an_operation_that_fails_says_why(arm: Arm, server: Server) -> None:
    going = "/subscriptions/s/operations/1"
    server.on("PUT", ID, Says(202, headers={"Azure-AsyncOperation": f"{{url}}{going}?api-version=1"}))
    error = {"code": "OutOfCapacity", "message": "no machines of this size"}
    server.on("GET", going, Says(body={"status": "Failed", "error": error}))
    with pytest.raises(TargetError) as raised:
        arm.put(ID, {})
    assert raised.value.category == "quota"
    assert "no machines of this size" in raised.value.message


def test_waiting_ends_when_the_run_is_cancelled(server: Server) -> None:
    cancelled = threading.Event()
    going = "/subscriptions/s/operations/1"
    server.on("PUT", ID, Says(202, headers={"Azure-AsyncOperation": f"{{url}}{going}?api-version=1"}))
    server.on("GET", going, lambda _: cancelled.set() or Says(body={"status": "InProgress"}))
    with Arm(_cloud(server), None, cancelled=cancelled, poll=600) as arm, pytest.raises(Interrupted):
        arm.put(ID, {})


def test_a_list_is_read_page_after_page(arm: Arm, server: Server) -> None:
    more = f"{server.url}{ID}/next?api-version=1&$skip=2"
    server.on("GET", f"{ID}/all", Says(body={"value": [1, 2], "nextLink": more}))
    server.on("GET", f"{ID}/next", Says(body={"value": [3]}))
    assert list(arm.pages(f"{ID}/all")) == [1, 2, 3]


def test_what_is_not_there(arm: Arm) -> None:
    assert arm.find(ID) is None
    assert arm.delete(ID) is False
    with pytest.raises(TargetError, match="no "):
        arm.get(ID)


def test_the_tag_of_what_was_read_is_sent_back(arm: Arm, server: Server) -> None:
    server.on("GET", ID, Says(body={}, headers={"ETag": '"1"'}))
    server.on("PUT", ID, Says(412, {"error": {"code": "PreconditionFailed", "message": "changed"}}))
    _, etag = arm.etag(ID)
    with pytest.raises(HttpFailure) as raised:
        arm.put(ID, {}, etag=etag)
    assert server.calls("PUT", ID)[0].headers["if-match"] == '"1"'
    assert (raised.value.status, raised.value.category) == (412, "conflict")


def test_a_token_of_the_cloud_s_own_scope(server: Server) -> None:
    scopes: list[str] = []

    class Known:
        def get_token(self, *wanted: str, **_: object) -> AccessToken:
            scopes.extend(wanted)
            return AccessToken("a-token", 1 << 40)

    server.token = "a-token"
    server.on("GET", ID, Says(body={}))
    with Arm(_cloud(server), Known()) as arm:
        arm.get(ID)
        arm.get(ID)
    assert scopes == ["https://management.azure.com/.default"]


def test_a_token_never_goes_over_plain_http_to_another_machine() -> None:
    class Known:
        def get_token(self, *_: str, **__: object) -> AccessToken:
            return AccessToken("a-token", 1 << 40)

    away = Cloud(**{**PUBLIC.__dict__, "url": "http://192.0.2.1"})
    with Arm(away, Known()) as arm, pytest.raises(TargetError, match="non-TLS"):
        arm.get(ID)


def _cloud(server: Server) -> Cloud:
    return Cloud(**{**PUBLIC.__dict__, "url": server.url})
