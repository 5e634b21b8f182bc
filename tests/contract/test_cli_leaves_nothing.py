"""What a stack may write and show while it is up, and what is left when it is taken down."""

from __future__ import annotations

import shutil
import socket
import stat
import subprocess
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
import requests

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600), pytest.mark.xdist_group("cli-contract")]

STACK = "dev-local"
MINE = {"mlstack.yaml", "points.csv", "src/train.py"}


def answers(url: str, key: str) -> bool:
    headers = {"Authorization": f"Bearer {key}"}
    return (
        requests.post(url, json={"instances": [[0.1, 0.2]]}, headers=headers, timeout=120).status_code == 200
    )


def is_open(url: str) -> bool:
    parts = urlsplit(url)
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex((parts.hostname or "", parts.port or 80)) == 0


def processes(folder: str, port: int | None = None) -> Iterator[psutil.Process]:
    """Those that name the folder in their command line, work in it, or listen at the port."""
    for process in psutil.process_iter():
        try:
            named = any(folder in word for word in process.cmdline()) or process.cwd().startswith(folder)
            ports = {c.laddr.port for c in process.net_connections("inet") if c.status == psutil.CONN_LISTEN}
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        if named or port in ports:
            yield process


def test_the_key_is_nowhere_in_clear(served: Any) -> None:
    key = served.endpoint()[1]
    for command in (("status",), ("outputs",), ("preview", "--resources"), ("logs",), ("refresh", "--yes")):
        served.run(*command)
        served.run(*command, "--json")

    told = [
        ran.args for ran in served.ran if "--show-secrets" not in ran.args and key in ran.stdout + ran.stderr
    ]
    assert not told
    files = [path for path in served.folder.rglob("*") if path.is_file() and not path.is_symlink()]
    readable = [path for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077]
    assert not [path for path in readable if key.encode() in path.read_bytes()]
    lines = [process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])]
    assert not [line for line in lines if any(key in word for word in line)], (
        "anybody may read a command line"
    )


def test_the_state_names_no_path_of_this_machine(served: Any) -> None:
    states = list((served.folder / ".mlstack").rglob(f"stacks/**/{STACK}.json"))

    assert states, "a file backend below .mlstack"
    assert not [path for path in states if str(served.folder) in path.read_text()]


def test_git_is_offered_the_config_and_not_the_state(served: Any) -> None:
    subprocess.run(["git", "init", "-q"], cwd=served.folder, check=True)
    try:
        command = ["git", "status", "--porcelain", "--untracked-files=all"]
        seen = subprocess.run(command, cwd=served.folder, check=True, capture_output=True, text=True).stdout
    finally:
        shutil.rmtree(served.folder / ".git")

    assert {line[3:] for line in seen.splitlines()} == MINE | {f"Pulumi.{STACK}.yaml"}


def test_taking_an_endpoint_away_asks_for_the_stack_by_name(served: Any) -> None:
    url, key = served.endpoint()
    spec = served.folder / "mlstack.yaml"
    spec.write_text(spec.read_text().partition("endpoints:")[0])
    served.up = None

    refused = served.run("up", "--yes", "--json")
    assert refused.code == 5, refused
    assert "--confirm" in refused.error["remedy"]
    misnamed = served.run("up", "--yes", "--confirm", "dev-azure", "--json")
    assert misnamed.code in {2, 5}, misnamed
    assert answers(url, key), "a refusal changes nothing"

    confirmed = served.run("up", "--yes", "--confirm", STACK, "--json")
    assert set(confirmed.changed) == {"delete"}
    assert not is_open(url)
    assert "scores" not in served.outputs().get("endpoints", {})
    assert "clf" in served.outputs()["models"]


def test_down_with_nobody_to_answer_exits_5(served: Any) -> None:
    ran = served.run("down", "--json")

    assert ran.code == 5, ran
    assert ran.error["category"] == "user"
    assert answers(*served.endpoint())


def test_down_leaves_nothing_behind(served: Any) -> None:
    url, key = served.endpoint()
    running = set(processes(str(served.folder), urlsplit(url).port))
    assert running, "something serves the endpoint"

    down = served.take_down()

    assert set(down.changed) == {"delete"}
    assert not is_open(url)
    _, alive = psutil.wait_procs(running, timeout=5)
    assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]
    assert not list(processes(str(served.folder)))
    files = {str(path.relative_to(served.folder)) for path in served.folder.rglob("*") if path.is_file()}
    beside = {name for name in files if not name.startswith(".mlstack/")}
    assert beside - {f"Pulumi.{STACK}.yaml"} == MINE
    assert not [name for name in files if key.encode() in (served.folder / name).read_bytes()]
