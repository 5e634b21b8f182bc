"""How the container of a model starts: secrets first, then the server, with SageMaker's own argument."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from mlstack_aws.dockerfiles import START, of_packages

from mlstack.lowering.packages import of_requirements


def _start(folder: Path, fetched: str, **env: str) -> subprocess.CompletedProcess[str]:
    """With a `python` that tells what it is called with, and in a secret's variable what is in it."""
    (folder / "start.sh").write_text(START)
    python = folder / "python"
    python.write_text(
        f'#!/bin/sh\ncase "$1" in */fetch_secrets.py) {fetched};; *) echo "$@" "token=$TOKEN";; esac\n'
    )
    python.chmod(0o755)
    path = {"PATH": f"{folder}:{os.environ['PATH']}"}
    command = ["/bin/sh", str(folder / "start.sh"), "serve"]
    return subprocess.run(command, env={**path, **env}, capture_output=True, text=True, check=False)


def test_a_secret_is_fetched_before_the_server_starts(tmp_path: Path) -> None:
    fetched = "echo \"export TOKEN='a b'\""
    done = _start(tmp_path, fetched, MLSTACK_SECRET_TOKEN="arn:aws:secretsmanager:…")
    assert done.stdout == "-m mlstack_serving serve token=a b\n"


def test_one_that_cannot_be_fetched_ends_it(tmp_path: Path) -> None:
    done = _start(tmp_path, "echo no >&2; exit 1", MLSTACK_SECRET_TOKEN="arn")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "no\n")


def test_without_secrets_nothing_is_fetched(tmp_path: Path) -> None:
    assert _start(tmp_path, "exit 1").stdout == "-m mlstack_serving serve token=\n"


def test_the_image_has_all_of_it() -> None:
    texts = of_packages(of_requirements("one", ["six"]), (), serving=True)
    assert texts["start.sh"] == START
    assert "GetSecretValue" in texts["fetch_secrets.py"]
    assert "COPY start.sh fetch_secrets.py" in texts["Dockerfile"]
