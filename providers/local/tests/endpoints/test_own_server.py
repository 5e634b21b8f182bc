"""Servers of the user's own behind the gateway."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from mlstack_local.deployments.own import expand
from mlstack_local.resources.deployment import Deployment

from mlstack.resource import ResourceFailed

pytestmark = pytest.mark.drawn

SERVER = """
import http.server, json, os, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health" else 404)
        self.end_headers()

    def do_POST(self):
        told = {name: os.environ.get(name) for name in ("SAID", "TOKEN", "MLSTACK_MODEL")}
        body = json.dumps({**told, "argv": sys.argv[1:], "cwd": os.getcwd()}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


@pytest.fixture
def own(world: Any) -> dict[str, Any]:
    (world.context.root / "server.py").write_text(SERVER)
    return {
        "code": None,
        "environment": None,
        "runtime": None,
        "server": {"command": ["python3", "server.py", "$(PORT)", "$(SAID)", "$$(PORT)", "$(NOBODY)"]},
        "env": {"SAID": "hello"},
        "probe": {"path": "/health"},
    }


def test_it_is_told_where_to_listen_and_serves(world: Any, own: dict[str, Any]) -> None:
    world.layout.secrets.mkdir(parents=True)
    (world.layout.secrets / "hf").write_text("canary-token")
    own |= {"secrets": {"TOKEN": {"name": "hf", "hash": "h"}}, "model": world.MODEL, "replicas": 2}
    endpoint, deployment, _ = world.whole(**own)
    ports = {str(worker["port"]) for worker in deployment.outputs["workers"]}
    answers = [world.ask(endpoint).json() for _ in range(4)]
    assert {answer["argv"][0] for answer in answers} == ports
    root = world.context.root
    assert answers[0] == {
        "SAID": "hello",
        "TOKEN": "canary-token",
        "MLSTACK_MODEL": str(root / "model"),
        "argv": [answers[0]["argv"][0], "hello", "$(PORT)", "$(NOBODY)"],
        "cwd": str(root),
    }
    assert Deployment().read(world.context, deployment) == deployment
    with world.steady(endpoint, 20) as load:
        load.wait(10)
        world.update(deployment, **{**own, "env": {"SAID": "new"}})
        load.wait(10)
    assert load.failed == {}


def test_a_path_is_relative_to_the_specs_folder_and_path_is_kept(
    world: Any, own: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "serve"
    program.write_text(f"#!{sys.executable}\n{SERVER}")
    program.chmod(0o755)
    own["server"] = {"command": ["./serve", "$(PORT)"]}
    endpoint, deployment, _ = world.whole(**own)
    assert world.ask(endpoint).status_code == 200
    before = world.pids("digits.blue.")
    monkeypatch.setenv("PATH", "/nowhere")
    assert world.update(deployment, **own).outputs == deployment.outputs
    assert world.pids("digits.blue.") == before


@pytest.mark.parametrize(
    ("command", "says", "remedy"),
    [
        (["no-such-program"], "there is no program 'no-such-program' on PATH", "install it"),
        (["./no-such"], "there is no program './no-such'", "correct server.container.command"),
        (
            ["python3", "server.py", "{other}"],
            r"a worker listens on port {other}, not on \d+, which PORT told it",
            r"write $(PORT) in its command",
        ),
        (["python3", "-c", "print('no luck'); raise SystemExit(3)"], "no luck", "mend what the log says"),
    ],
)
def test_what_is_wrong_with_it_is_said(
    world: Any, own: dict[str, Any], command: list[str], says: str, remedy: str
) -> None:
    from mlstack_local import ports

    other = str(ports.free(f"{world.uid} other"))
    world.endpoint()
    own["server"] = {"command": [word.replace("{other}", other) for word in command]}
    with pytest.raises(ResourceFailed, match=says.replace("{other}", other)) as failure:
        world.deployment(**own)
    assert remedy in str(failure.value.remedy)
    assert "still does" not in str(failure.value.remedy)
    assert set(world.pids()) == {"digits.gateway"}


def test_words_refer_to_variables_as_in_kubernetes() -> None:
    env = {"PORT": "80", "A.B": "x"}
    words = ["--port=$(PORT)", "$$(PORT)", "$$$(PORT)", "$(A.B)$(PORT)", "$(NOBODY)", "$PORT", "a$"]
    assert [expand(word, env) for word in words] == [
        "--port=80",
        "$(PORT)",
        "$80",
        "x80",
        "$(NOBODY)",
        "$PORT",
        "a$",
    ]
