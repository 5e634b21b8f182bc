"""What a job of the spec is to Azure ML: the body that is sent, and what is made around it."""

from __future__ import annotations

import os
import subprocess
import threading
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from mlstack_azure import injection, runs
from mlstack_azure.literals import literal
from mlstack_azure.tree import TREE

from mlstack.program import deploy
from mlstack.registry import provider
from mlstack.resource import UNKNOWN
from mlstack.testing.cases import stack_of
from mlstack.testing.record import UID, Recording, record

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"


def _recorded(root: Path, jobs: dict[str, Any], **more: Any) -> Recording:
    (root / "src").mkdir(exist_ok=True)
    (root / "src/train.py").write_text("pass\n", encoding="utf-8")
    data = {
        "version": 1,
        "name": "digits",
        "cloud": "azure",
        "region": "westeurope",
        "tags": {"team": "vision"},
        "settings": {"azure": {"subscription": SUBSCRIPTION}},
        "jobs": jobs,
        **more,
    }
    stack = stack_of(data, root)
    return record(provider("azure"), lambda: deploy(stack), root=root)


def _job(recording: Recording, name: str) -> dict[str, Any]:
    return next(
        r.inputs for r in recording.resources.values() if (r.type, r.name) == ("mlstack:azure:Job", name)
    )


def _of(recording: Recording, type: str) -> list[dict[str, Any]]:
    return [r.inputs for r in recording.resources.values() if r.type.endswith(f":{type}")]


FULL = {
    "command": "python train.py ${{inputs.c}} ${{outputs.model}}",
    "code": "./src",
    "environment": "sk",
    "inputs": {"c": {"value": 1.0}, "quiet": {"value": True}},
    "outputs": {
        "model": {"type": "folder"},
        "metrics": {"type": "file", "path": "azureml://datastores/x/paths/m"},
    },
    "env": {"LEVEL": "info"},
    "timeout": "2h",
    "nodes": 2,
    "processes": 4,
    "tags": {"a": "b"},
}


def test_the_body(tmp_path: Path) -> None:
    recording = _recorded(tmp_path, {"train": FULL}, environments={"sk": {"image": "an/image:1"}})
    inputs = _job(recording, "train")
    assert {key: inputs[key] for key in ("stack_uid", "name", "wait", "retries")} == {
        "stack_uid": UID,
        "name": "train",
        "wait": False,
        "retries": 0,
    }
    assert "nonce" not in inputs
    assert inputs["properties"] == {
        "jobType": "Command",
        "displayName": "train",
        "experimentName": "conformance",
        "command": "python train.py ${{inputs.c}} ${{outputs.model}}",
        "codeId": UNKNOWN,
        "environmentId": UNKNOWN,
        "resources": {"instanceCount": 2, "instanceType": "Standard_D2s_v3"},
        "distribution": {"distributionType": "PyTorch", "processCountPerInstance": 4},
        "identity": {"identityType": "Managed", "clientId": UNKNOWN},
        "inputs": {
            "c": {"jobInputType": "literal", "value": "1.0"},
            "quiet": {"jobInputType": "literal", "value": "True"},
        },
        "outputs": {
            "model": {"jobOutputType": "uri_folder"},
            "metrics": {"jobOutputType": "uri_file", "uri": "azureml://datastores/x/paths/m"},
        },
        "environmentVariables": {"LEVEL": "info"},
        "limits": {"jobLimitsType": "Command", "timeout": "PT2H"},
        "isArchived": False,
        "tags": {"team": "vision", "a": "b"},
    }


def test_its_code_is_an_asset_by_the_hash_of_what_is_uploaded(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/.env").write_text("TOKEN=x", encoding="utf-8")
    recording = _recorded(tmp_path, {"train": {"command": "x", "code": "./src"}})
    [upload] = [u for u in _of(recording, "Upload") if u["home"] == "jobs/train/code"]
    [code] = _of(recording, "CodeVersion")
    assert upload["digest"] == code["version"] == TREE.version(tmp_path / "src")
    assert [(w.field, w.message.split(" ")[0]) for w in recording.warnings] == [("code", ".env")]


def test_jobs_that_name_no_environment_share_a_bare_one(tmp_path: Path) -> None:
    recording = _recorded(tmp_path, {"one": {"command": "x"}, "two": {"command": "y"}})
    [bare] = _of(recording, "EnvironmentVersion")
    assert bare["properties"]["image"].startswith("mcr.microsoft.com/azureml/")


def test_an_output_of_a_job_is_another_s_input_which_it_waits_for(tmp_path: Path) -> None:
    recording = _recorded(
        tmp_path,
        {
            "first": {"command": "x", "outputs": {"rows": {"type": "file"}, "all": {}}, "retries": 2},
            "second": {
                "command": "y",
                "inputs": {"rows": "jobs.first.rows", "all": "jobs.first.all"},
                "retries": 1,
            },
        },
    )
    assert (_job(recording, "first")["wait"], _job(recording, "second")["wait"]) == (True, False)
    given = _job(recording, "second")["properties"]["inputs"]
    assert given["rows"]["jobInputType"] == "uri_file"
    assert given["all"] == {"jobInputType": "uri_folder", "uri": UNKNOWN}
    assert [(w.resource, w.field) for w in recording.warnings] == [("jobs.second", "retries")]


@pytest.mark.parametrize(
    ("rerun", "nonce", "ignored"), [("always", True, None), ("never", False, ["properties", "nonce"])]
)
def test_when_it_runs_again(tmp_path: Path, rerun: str, nonce: bool, ignored: list[str] | None) -> None:
    recording = _recorded(tmp_path, {"train": {"command": "x", "rerun": rerun}})
    [job] = [r for r in recording.resources.values() if r.type == "mlstack:azure:Job"]
    assert ("nonce" in job.inputs) is nonce
    assert job.options.get("ignoreChanges") == ignored


def test_literals() -> None:
    values = ["a b", 1, 1.0, 1e-05, False, [1, "x"], {"a": None}, date(2026, 11, 26)]
    assert [literal(value) for value in values] == [
        "a b",
        "1",
        "1.0",
        "1e-05",
        "False",
        '[1, "x"]',
        '{"a": null}',
        "2026-11-26",
    ]


def test_secrets_are_addresses_until_the_command_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_TOKEN", "a canary")
    recording = _recorded(
        tmp_path,
        {"train": {"command": "python train.py", "secrets": {"TOKEN": "token"}}},
        secrets={"token": {"env": "A_TOKEN"}},
    )
    properties = _job(recording, "train")["properties"]
    assert list(properties["environmentVariables"]) == ["MLSTACK_SECRET_TOKEN"]
    assert properties["command"] == injection.command("python train.py")
    assert properties["identity"]["identityType"] == "Managed"
    assert "a canary" not in str(properties)


def test_how_secrets_are_fetched_is_no_part_of_the_fingerprint() -> None:
    def mark(command: str) -> str:
        return runs.mark({"command": command, "environmentId": "e"})

    now = injection.command("python train.py")
    later = now.replace("base64,", "base64, ").replace("exec(", "exec( ")
    assert now != later
    assert mark(now) == mark(later)
    assert mark(now) != mark(injection.command("python other.py"))


class _Azure(BaseHTTPRequestHandler):
    """Azure ML's identity endpoint, and a Key Vault that is busy at first."""

    asked: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        type(self).asked.append((self.path, self.headers.get("secret") or self.headers.get("Authorization")))
        if path == "/secrets/token/1" and len(self.asked) < 3:
            self.send_response(429)
            self.end_headers()
            return
        bodies = {"/msi": '{"access_token": "a-token"}', "/secrets/token/1": '{"value": "it\'s $HOME"}'}
        content = bodies.get(path, "").encode()
        self.send_response(200 if content else 404)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.mark.parametrize(("name", "status"), [("token/1", 0), ("other/1", 1)])
def test_the_command_sees_the_value(name: str, status: int) -> None:
    """The real text in a real shell: quoted values stay as they are, a failure stops the command."""
    _Azure.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Azure)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    try:
        ran = subprocess.run(
            ["bash", "-c", injection.command('printf %s "$TOKEN" && echo ; echo done')],
            env={
                "PATH": os.environ["PATH"],
                "MSI_ENDPOINT": f"{url}/msi",
                "MSI_SECRET": "an-msi-secret",
                "DEFAULT_IDENTITY_CLIENT_ID": "the-client",
                "MLSTACK_SECRET_TOKEN": f"{url}/secrets/{name}",
                "MLSTACK_PAUSE": "0",
            },
            capture_output=True,
            text=True,
        )
    finally:
        server.shutdown()
        server.server_close()
    assert ran.returncode == status, ran.stderr
    assert ran.stdout == ("" if status else "it's $HOME\ndone\n")
    assert "cannot be fetched" in ran.stderr or not status
    first, second = _Azure.asked[:2]
    assert "clientid=the-client" in first[0]
    assert (first[1], second[1]) == ("an-msi-secret", "Bearer a-token")
