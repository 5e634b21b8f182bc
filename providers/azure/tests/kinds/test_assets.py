"""Environments, data, models and secrets: the exact versions that are made of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlstack.errors import UsageError
from providers.azure.tests.kinds.lower import GROUP, Lower, Refused, lower, refusals, root

__all__ = ["lower", "refusals", "root"]

TAGS = {"mlstack-stack": "c0ffee00"}


def conda(lower: Lower, fields: str) -> str:
    found: str = lower(f"environments: {{sk: {fields}}}").properties("EnvironmentVersion", "sk")["condaFile"]
    return found


def test_packages_become_a_conda_file(lower: Lower) -> None:
    assert conda(lower, '{python: "3.10", packages: [six==1.17.0], requirements: requirements.txt}') == (
        "channels:\n- conda-forge\ndependencies:\n- python=3.10\n- pip\n"
        "- pip:\n  - numpy==2.0.0\n  - six==1.17.0\n  - six==1.17.0\nname: sk\n"
    )


def test_a_conda_file_goes_with_what_it_includes(lower: Lower) -> None:
    assert conda(lower, "{conda: environment.yml}") == (
        "dependencies:\n- python=3.10\n- pip\n- pip:\n  - numpy==2.0.0\nname: own\n"
    )


def test_a_version_is_the_hash_of_all_that_makes_it(lower: Lower) -> None:
    def version(fields: str) -> tuple[str, str]:
        held = lower(f"environments: {{sk: {fields}}}").inputs("EnvironmentVersion", "sk")
        return held["name"], held["version"]

    first = version("{packages: [six==1.17.0]}")
    assert version("{packages: [six==1.17.0], tags: {a: b}}") == first
    others = [version("{packages: [six==1.16.0]}"), version("{image: some/image:1}")]
    others.append(version("{packages: [six==1.17.0], setup: [apt-get install -y git]}"))
    assert {name for name, _ in others} == {first[0]}
    assert len({first[1], *(found for _, found in others)}) == 4


def test_an_image_is_taken_as_it_is(lower: Lower) -> None:
    sent = lower("environments: {torch: {image: some/image:1}}")
    held = sent.properties("EnvironmentVersion", "torch")
    assert (held["image"], held.get("condaFile"), held["tags"]) == ("some/image:1", None, TAGS)
    assert sent.output("Environment", "torch")["image"] == "some/image:1"


def test_a_dockerfile_goes_with_its_folder(lower: Lower) -> None:
    sent = lower("environments: {own: {dockerfile: image/Dockerfile}}")
    assert sent.inputs("Upload", "own-context")["path"] == "image"
    assert sent.properties("EnvironmentVersion", "own")["build"]["dockerfilePath"] == "Dockerfile"


def test_set_up_commands_run_before_packages_are_installed(lower: Lower) -> None:
    sent = lower("environments: {sk: {packages: [six], setup: [apt-get install -y libgomp1]}}")
    files = sent.inputs("Upload", "sk-context")["texts"]
    lines = files["Dockerfile"].splitlines()
    command = lines.index('RUN ["/bin/bash", "-c", "apt-get install -y libgomp1"]')
    assert command < next(at for at, line in enumerate(lines) if "conda env create" in line)
    assert "- six" in files["conda.yaml"]


def test_what_is_on_this_machine_cannot_be_part_of_an_image(refusals: Refused) -> None:
    told = refusals(
        "environments:\n  a: {packages: [./wheels/x.whl]}\n  b: {requirements: local.txt}\n"
        "  c: {conda: base.txt}\n  azureml-own: {packages: [six]}"
    )
    assert list(told) == [
        "environments.a.packages.0",
        "environments.b.requirements",
        "environments.c.conda",
        "environments.azureml-own",
    ]


def test_kept_versions_stay_on_azure(lower: Lower) -> None:
    sent = lower("environments: {a: {packages: [six], keep: 2}, b: {packages: [six]}}")
    assert sent.options("EnvironmentVersion", "a")["retainOnDelete"] is True
    assert "retainOnDelete" not in sent.options("EnvironmentVersion", "b")
    assert list(sent.warnings) == ["environments.a.keep"]


def test_local_data_is_uploaded_and_named_by_its_content(lower: Lower, root: Path) -> None:
    fields = "{path: data/rows.csv, columns: {label: label, features: [x]}, tags: {a: b}}"
    sent = lower(f"data: {{rows: {fields}, more: {{path: data/more}}}}")
    held = sent.inputs("DataVersion", "rows")
    upload = sent.inputs("Upload", "rows-upload")
    assert (upload["path"], upload["plain"], upload["digest"]) == ("data/rows.csv", True, held["version"])
    assert held["properties"]["dataType"] == "uri_file"
    assert held["properties"]["tags"] == {
        **TAGS,
        "a": "b",
        "mlstack-label": "label",
        "mlstack-features": '["x"]',
    }
    assert sent.properties("DataVersion", "more")["dataType"] == "uri_folder"
    (root / "data/rows.csv").write_text("x,label\n1,1\n")
    changed = lower(f"data: {{rows: {fields}}}").inputs("DataVersion", "rows")
    assert changed["name"] == held["name"]
    assert changed["version"] != held["version"]


def test_the_same_content_under_another_name_is_another_asset(lower: Lower, root: Path) -> None:
    first = lower("data: {rows: {path: data/rows.csv}}").inputs("DataVersion", "rows")
    (root / "data/rows.csv").rename(root / "data/renamed.csv")
    second = lower("data: {rows: {path: data/renamed.csv}}").inputs("DataVersion", "rows")
    assert second["version"] == first["version"]
    assert second["name"] != first["name"]


def test_data_behind_a_uri_stays_where_it_is(lower: Lower) -> None:
    uri = "abfss://files@account.dfs.core.windows.net/images/"
    sent = lower(f'data: {{a: {{path: "{uri}", version: "3"}}, b: {{path: "{uri}"}}}}')
    assert sent.names("Upload") == []
    assert sent.inputs("DataVersion", "a")["version"] == "3"
    held = sent.properties("DataVersion", "a")
    assert (held["dataUri"], held["dataType"]) == (uri, "uri_folder")
    assert list(sent.warnings) == ["data.b.path"]


def test_other_clouds_stores_are_refused_with_a_way_out(refusals: Refused) -> None:
    told = refusals('data: {a: {path: "s3://b/x/"}, b: {path: "gs://b/x/"}}')
    assert told == {
        "data.a.path": "Azure ML does not read s3://",
        "data.b.path": "Azure ML does not read gs://",
    }


def test_data_that_is_there_is_named_by_version(lower: Lower) -> None:
    sent = lower('data: {a: {existing: "rows:3"}, b: {existing: rows}}')
    assert sent.names("DataVersion") == []
    assert sent.output("Data", "a")["id"].endswith("/data/rows/versions/3")
    assert sent.output("Data", "b")["version"] == "7"


def test_models_by_flavor(lower: Lower) -> None:
    sent = lower("models: {net: {path: files/net, flavor: lightgbm}, flow: {path: files/flow}}")
    held = sent.properties("ModelVersion", "net")
    assert (held["modelType"], held["tags"]) == ("custom_model", {**TAGS, "mlstack-flavor": "lightgbm"})
    assert sent.properties("ModelVersion", "flow")["modelType"] == "mlflow_model"
    assert sent.inputs("ModelVersion", "net")["version"] == sent.inputs("Upload", "net-upload")["digest"]


def test_a_model_of_the_hub_is_a_file_that_names_it(lower: Lower) -> None:
    sent = lower("models: {chat: {hub: org/net, revision: abc}}")
    files = sent.inputs("Upload", "chat-upload")["texts"]
    assert json.loads(files["mlstack-hub.json"]) == {"hub": "org/net", "revision": "abc"}
    assert sent.properties("ModelVersion", "chat")["tags"]["mlstack-hub"] == "org/net"
    assert "models.chat.hub" in lower("models: {chat: {hub: org/net}}").warnings


def test_models_of_a_registry_are_used_by_their_ids(lower: Lower) -> None:
    shared = "azureml://registries/azureml/models/phi/versions/2"
    sent = lower(f'models: {{a: {{registry: "azureml:net:3"}}, b: {{registry: "{shared}"}}}}')
    assert sent.names("ModelVersion") == []
    assert sent.output("Model", "a")["id"].endswith("/models/net/versions/3")
    assert sent.output("Model", "b") == {"id": shared, "version": "2", "uri": shared}


def test_a_secret_is_written_into_the_vault_and_shown_by_a_hash(
    lower: Lower, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "secrets: {token: {env: A_TOKEN}, theirs: {keyvault: 'https://v.vault.azure.net/secrets/x/1'}}"
    sent = lower(text)
    secret = sent.found["Secret", "token"]
    assert secret.inputs["properties"]["value"] == "c4n4ry"
    assert "properties" in secret.secrets
    assert "c4n4ry" not in json.dumps({**secret.inputs, "properties": None})
    assert sent.names("Secret") == ["token"]
    assert sent.output("Secret", "token")["id"] == "https://kv.vault.azure.net/secrets/token/1"
    assert sent.output("Secret", "theirs")["id"] == "https://v.vault.azure.net/secrets/x/1"
    before = secret.inputs["tags"]["mlstack-digest"]
    assert lower(text).inputs("Secret", "token")["tags"]["mlstack-digest"] == before
    monkeypatch.setenv("A_TOKEN", "another")
    assert lower(text).inputs("Secret", "token")["tags"]["mlstack-digest"] != before


def test_a_secret_that_is_not_set_names_its_variable(lower: Lower, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("A_TOKEN")
    with pytest.raises(UsageError, match="A_TOKEN") as caught:
        lower("secrets: {token: {env: A_TOKEN}}")
    assert caught.value.remedy == "export A_TOKEN=…"


def test_secrets_of_other_stores_are_refused(refusals: Refused) -> None:
    told = refusals("secrets: {a: {vault: 'x#y'}, b: {secretsmanager: x}, c: {secretmanager: x}}")
    assert set(told) == {"secrets.a.vault", "secrets.b.secretsmanager", "secrets.c.secretmanager"}


def test_all_of_it_lies_in_the_one_workspace(lower: Lower) -> None:
    sent = lower("environments: {sk: {packages: [six]}}\nmodels: {net: {path: files/net}}")
    for kind, name in (("EnvironmentVersion", "sk"), ("ModelVersion", "net")):
        assert sent.inputs(kind, name)["workspaceName"] == "default"
    assert sent.output("Environment", "sk")["id"] == f"{GROUP}/providers/machinelearningservices/sk"
