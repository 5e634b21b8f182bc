"""What is collected, and what `doctor` finds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from mlstack_azure.runtime import AzureRuntime

from mlstack.runtime import Record
from providers.azure.tests.runtime.conftest import WORKSPACE
from providers.azure.tests.strict import Says, Server

MODEL = f"{WORKSPACE}/models/m"
LONG_AGO = {"createdAt": "2020-01-01T00:00:00+00:00"}


def _asset(id: str, made: dict[str, str] = LONG_AGO, **properties: Any) -> dict[str, Any]:
    return {"id": id, "systemData": made, "properties": {"tags": {"mlstack-stack": "uid"}, **properties}}


def test_what_nothing_names_is_archived(runtime: AzureRuntime, server: Server) -> None:
    used, unused, archived, fresh = (f"{MODEL}/versions/{number}" for number in (1, 2, 3, 4))
    other = {"id": f"{WORKSPACE}/models/other", "properties": {"tags": {"mlstack-stack": "else"}}}
    server.on("GET", f"{WORKSPACE}/models", Says(body={"value": [_asset(MODEL), other]}))
    for plural in ("data", "environments", "codes"):
        server.on("GET", f"{WORKSPACE}/{plural}", Says(body={"value": []}))
    listed = [
        _asset(used),
        _asset(unused, modelUri="u", provisioningState="Succeeded"),
        _asset(archived, isArchived=True),
        _asset(fresh, {"createdAt": datetime.now(UTC).isoformat()}),
    ]
    server.on("GET", f"{MODEL}/versions", Says(body={"value": listed}))
    for id in (unused, fresh):
        server.on("PUT", id, Says(body={}))
    record = Record("models", "m", {"id": used})
    for dry_run in (True, False):
        found = runtime.collect([record], everything=False, dry_run=dry_run)
        assert [(each.kind, each.name) for each in found] == [("model", "m@2")]
        assert len(server.calls("PUT", unused)) == (not dry_run)
    tags = {"mlstack-stack": "uid"}
    sent = {"properties": {"tags": tags, "modelUri": "u", "isArchived": True}}
    assert server.calls("PUT", unused)[0].body == sent
    everything = runtime.collect([record], everything=True, dry_run=False)
    assert [each.name for each in everything] == ["m@2", "m@4"]


def _subscription(server: Server, **rights: Any) -> None:
    server.on("GET", "/subscriptions/s", Says(body={"displayName": "Mine", "state": "Enabled"}))
    for name in (
        "MachineLearningServices",
        "Storage",
        "KeyVault",
        "ContainerRegistry",
        "Insights",
        "OperationalInsights",
        "ManagedIdentity",
    ):
        place = f"/subscriptions/s/providers/Microsoft.{name}"
        server.on("GET", place, Says(body={"registrationState": "Registered"}))
    server.on(
        "GET",
        "/subscriptions/s/providers/Microsoft.Authorization/permissions",
        Says(body={"value": [{"actions": ["*"], "notActions": [], **rights}]}),
    )


def test_doctor_finds_nothing_wrong(runtime: AzureRuntime, server: Server) -> None:
    _subscription(server)
    found = {what: (well, detail) for what, well, detail in runtime.check()}
    assert all(well for well, _ in found.values()), found
    assert found["azure subscription"][1] == "Mine (s)"


def test_doctor_says_what_mends_it(runtime: AzureRuntime, server: Server) -> None:
    _subscription(server, notActions=["Microsoft.Authorization/*/write"])
    vault = "/subscriptions/s/providers/Microsoft.KeyVault"
    server.on("GET", vault, Says(body={"registrationState": "NotRegistered"}))
    found = {what: (well, detail) for what, well, detail in runtime.check()}
    mend = "az provider register --namespace Microsoft.KeyVault"
    assert found["azure resource providers"] == (False, mend)
    role = 'ask for "Role Based Access Control Administrator" at /subscriptions/s'
    assert found["azure rights"] == (False, role)
