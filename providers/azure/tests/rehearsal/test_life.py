"""Each type: created, read, updated, read again, deleted."""

from __future__ import annotations

from typing import Any

import pytest
from mlstack_azure.rehearsal import AzureEmulation, ids
from mlstack_azure.rehearsal.bodies import plain, to_inputs

from mlstack.rehearsal import CloudFault
from mlstack.resource import UNKNOWN

from .changed import changed
from .estate import ESTATE
from .where import DEPLOYMENT, GROUP, WORKSPACE


def test_the_estate_has_every_type() -> None:
    assert set(ESTATE) == set(ids.TYPES)


@pytest.mark.parametrize("kind", ESTATE)
def test_inputs_that_the_platform_takes_are_refused_by_no_rule(kind: str, azure: AzureEmulation) -> None:
    assert list(azure.check(f"azure-native:{kind}", ESTATE[kind], known=True)) == []
    assert list(azure.check(f"azure-native:{kind}", changed(kind), known=True)) == []


@pytest.mark.parametrize("kind", ESTATE)
def test_id_and_its_parts_go_both_ways(kind: str) -> None:
    type, inputs = ids.TYPES[kind], ESTATE[kind]
    id = ids.arm_id(type, inputs, "00000000-0000-0000-0000-000000000000")
    found, parameters = ids.parse(id)
    assert found is type
    wanted = {key: str(inputs[key]).strip("/") for key in type.parameters if not key.startswith("=")}
    assert {key: str(value).strip("/") for key, value in parameters.items()} == wanted


@pytest.mark.drawn(of=5)
@pytest.mark.parametrize("kind", ESTATE)
def test_life_of(kind: str, estate: AzureEmulation) -> None:
    token, inputs = f"azure-native:{kind}", ESTATE[kind]
    id = ids.arm_id(ids.TYPES[kind], inputs, estate.cloud.subscription)

    read = estate.read(token, id, inputs)
    assert read is not None
    assert read.inputs == plain(inputs), "what was just made shows no drift"
    assert read.outputs["name"] == ids.last(id)

    with pytest.raises(CloudFault, match="already exist"):
        estate.create(token, inputs)

    new = changed(kind)
    before = set(estate.promise(token, inputs))
    updated = estate.update(token, id, inputs, new)
    assert updated.id == id
    after = estate.read(token, id, new)
    assert after is not None
    assert after.inputs == plain(new)
    assert estate.read(token, id, inputs).inputs != plain(inputs) or kind == "keyvault:Secret"  # type: ignore[union-attr]
    assert {"name", "type"} <= before

    if kind == "machinelearningservices:ModelVersion":
        with pytest.raises(CloudFault, match="uses this model"):
            estate.delete(token, id, new)
        estate.delete(
            "azure-native:machinelearningservices:BatchEndpoint", f"{WORKSPACE}/batchEndpoints/nightly", {}
        )
        estate.delete(
            "azure-native:machinelearningservices:OnlineEndpoint", f"{WORKSPACE}/onlineEndpoints/digits", {}
        )
    estate.delete(token, id, new)
    assert estate.read(token, id, new) is None
    estate.delete(token, id, new)  # again: no fault


@pytest.mark.drawn(of=5)
@pytest.mark.parametrize("kind", ESTATE)
def test_import_gives_inputs_that_lead_to_the_same(kind: str, estate: AzureEmulation) -> None:
    token = f"azure-native:{kind}"
    id = ids.arm_id(ids.TYPES[kind], ESTATE[kind], estate.cloud.subscription)
    imported = estate.read(token, id, {})
    assert imported is not None
    again = estate.read(token, id, imported.inputs)
    assert again is not None
    assert again.inputs == imported.inputs


_HIDDEN = ("value", "credentials", "configurationProtectedSettings")


@pytest.mark.drawn(of=5)
@pytest.mark.parametrize("kind", ESTATE)
def test_nothing_that_was_given_is_lost(kind: str, estate: AzureEmulation) -> None:
    """All inputs are in the body that is kept, secrets aside."""

    def kept(given: Any, there: Any, path: str) -> None:
        if isinstance(given, dict):
            for key, one in given.items():
                if key not in _HIDDEN:
                    assert key in there, f"{path}.{key} was lost"
                    kept(one, there[key], f"{path}.{key}")
        else:
            assert plain(given) == there, path

    type, inputs = ids.TYPES[kind], ESTATE[kind]
    id = ids.arm_id(type, inputs, estate.cloud.subscription)
    body = estate.cloud.body(id)
    assert body is not None
    given = {key: one for key, one in inputs.items() if key not in type.parameters}
    kept(given, to_inputs(type, body, {}), kind)


def _unknown(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_unknown(one) for one in value.values())
    return value is UNKNOWN


@pytest.mark.drawn(of=5)
@pytest.mark.parametrize("kind", ESTATE)
def test_promise_covers_all_that_comes(kind: str, estate: AzureEmulation) -> None:
    """No output appears that the preview did not show, known or unknown; nested ones too."""

    def covered(promised: Any, made: Any, path: str) -> None:
        if promised is UNKNOWN or not (isinstance(made, dict) and isinstance(promised, dict)):
            return
        for key, one in made.items():
            assert key in promised, f"{path}.{key} was not promised"
            covered(promised[key], one, f"{path}.{key}")

    token, inputs = f"azure-native:{kind}", ESTATE[kind]
    id = ids.arm_id(ids.TYPES[kind], inputs, estate.cloud.subscription)
    made = estate.read(token, id, inputs)
    assert made is not None
    covered(estate.promise(token, inputs), made.outputs, kind)


def test_nested_outputs_of_a_preview_are_unknown(azure: AzureEmulation) -> None:
    token = "azure-native:machinelearningservices:OnlineEndpoint"
    promised = azure.promise(token, ESTATE["machinelearningservices:OnlineEndpoint"] | {"location": UNKNOWN})
    assert promised["properties"]["scoringUri"] is UNKNOWN
    assert promised["properties"]["authMode"] == "Key"
    assert promised["identity"]["principalId"] is UNKNOWN
    assert promised["location"] is UNKNOWN


def test_identities_are_a_map_in_outputs_also_when_they_are_not_known(azure: AzureEmulation) -> None:
    kind = "machinelearningservices:OnlineEndpoint"
    for ids_given, shown in (([UNKNOWN], UNKNOWN), (["/x/who"], {"/x/who": {"principalId": UNKNOWN}})):
        identity = {"type": "UserAssigned", "userAssignedIdentities": ids_given}
        promised = azure.promise(f"azure-native:{kind}", ESTATE[kind] | {"identity": identity})
        found = promised["identity"]["userAssignedIdentities"]
        assert found is shown or found["/x/who"]["principalId"] is UNKNOWN


def test_what_lives_in_a_group_goes_with_it(estate: AzureEmulation) -> None:
    estate.delete("azure-native:resources:ResourceGroup", GROUP, {})
    kept = {one.id: one.why for one in estate.leftovers()}
    assert set(kept) == {WORKSPACE, f"{GROUP}/providers/Microsoft.KeyVault/vaults/vault-1"}
    assert all("soft-deleted" in why for why in kept.values())


def test_a_name_stays_taken_after_a_soft_delete(estate: AzureEmulation) -> None:
    token, inputs = (
        "azure-native:machinelearningservices:Workspace",
        ESTATE["machinelearningservices:Workspace"],
    )
    estate.delete(token, WORKSPACE, inputs)
    with pytest.raises(CloudFault, match="soft-deleted workspace") as caught:
        estate.create(token, inputs)
    assert caught.value.status == 409
    assert estate.create(token, inputs | {"workspaceName": "work2"}).id.endswith("/work2")


def test_an_edit_behind_the_back_shows_as_drift(estate: AzureEmulation) -> None:
    kind = "machinelearningservices:OnlineDeployment"
    body = estate.world.get(DEPLOYMENT)
    assert body is not None
    body["properties"]["requestSettings"]["requestTimeout"] = "PT5S"
    body["tags"] = {"by": "hand"}
    estate.world.put(DEPLOYMENT, kind, body)
    read = estate.read(f"azure-native:{kind}", DEPLOYMENT, ESTATE[kind])
    assert read is not None
    assert read.inputs["properties"]["requestSettings"] == {"requestTimeout": "PT5S"}
    assert read.inputs["tags"] == {"by": "hand"}
    assert read.inputs["properties"]["model"] == ESTATE[kind]["properties"]["model"]


def test_autoscale_moves_the_instances(estate: AzureEmulation) -> None:
    """So the sku of a deployment under autoscale drifts: clouds.md's `ignore_changes`."""
    kind, token = "monitor:AutoscaleSetting", "azure-native:monitor:AutoscaleSetting"
    profile = ESTATE[kind]["profiles"][0] | {"capacity": {"minimum": "3", "maximum": "5", "default": "3"}}
    id = ids.arm_id(ids.TYPES[kind], ESTATE[kind], estate.cloud.subscription)
    estate.update(token, id, ESTATE[kind], ESTATE[kind] | {"profiles": [profile]})
    assert estate.cloud.body(DEPLOYMENT)["sku"]["capacity"] == 3  # type: ignore[index]


def test_secrets_are_not_kept(estate: AzureEmulation) -> None:
    for _, _, body in estate.world.under():
        assert "hidden" not in str(body)


def test_another_value_of_a_secret_is_another_version(estate: AzureEmulation) -> None:
    kind, token = "keyvault:Secret", "azure-native:keyvault:Secret"
    id = ids.arm_id(ids.TYPES[kind], ESTATE[kind], estate.cloud.subscription)
    first = estate.read(token, id, ESTATE[kind])
    assert first is not None
    new = ESTATE[kind] | {"properties": {"value": "other"}}
    second = estate.update(token, id, ESTATE[kind], new)
    before, after = (one.outputs["properties"]["secretUriWithVersion"] for one in (first, second))
    assert before.startswith("https://vault-1.vault.azure.net/secrets/token/")
    assert before != after
    again = estate.read(token, id, new)
    assert again is not None
    assert (again.inputs, again.outputs["properties"]["secretUriWithVersion"]) == (new, after)
    assert estate.promise(token, new)["properties"]["secretUriWithVersion"] is UNKNOWN


def test_an_unknown_type_is_refused_plainly(azure: AzureEmulation) -> None:
    (refusal,) = azure.check("azure-native:sql:Server", {}, known=True)
    assert "does not know the type azure-native:sql:Server" in refusal.message
