"""How the server starts, where it listens, and the exit code of each reason not to."""

from __future__ import annotations

import hashlib
import http.client
import json
import shutil
import socket
import sys
import threading
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mlstack_serving.app import App
from mlstack_serving.config import read
from mlstack_serving.errors import UsageError
from mlstack_serving.runtime import Runtime

Digits = tuple[Path, Any, Any]


@pytest.fixture
def launch(launch: Any) -> Any:
    """From nothing, as a platform does."""
    return partial(launch, python=sys.executable)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def registered(digits: Digits, tmp_path: Path) -> Path:
    """A copy of the model with its manifest."""
    folder = tmp_path / "model"
    shutil.copytree(digits[0], folder)
    files = {"model.joblib": sha256(folder / "model.joblib")}
    (folder / "mlstack-model.json").write_text(json.dumps({"files": files}))
    return folder


def test_settings_come_from_the_environment_and_flags_win(launch: Any, digits: Digits) -> None:
    env = {
        "MLSTACK_MODEL": str(digits[0]),
        "MLSTACK_MODEL_NAME": "from-env",
        "MLSTACK_MODEL_VERSION": "3",
        "MLSTACK_PORT": "1",
        "MLSTACK_ACCESS_LOG": "true",
    }
    server = launch("--name", "from-flag", env=env).wait_ready()
    assert server.get("/v2/models/from-flag").json()["versions"] == ["3"]
    server.wait_for_log(r'"path": "/v2/models/from-flag"')


@pytest.mark.parametrize(
    ("args", "env", "part"),
    [
        ([], {}, "nothing to serve"),
        (["--model", ".", "--name", "a/b"], {}, "--name"),
        (["--model", ".", "--fd", "3", "--uds", "x"], {}, "exclude each other"),
        (["--model", ".", "--sha256", "abc"], {}, "64 hexadecimal"),
        (["--model", ".", "--concurrency", "0"], {}, "--concurrency: must be at least 1"),
        (["--model", ".", "--contract", "v9"], {}, "--contract 'v9': one of v2"),
        (["--model", ".", "--port", "70000"], {}, "65535"),
        (["--model", "."], {"MLSTACK_QUEUE": "many"}, "MLSTACK_QUEUE='many'"),
        (["--model", "."], {"MLSTACK_ACCESS_LOG": "perhaps"}, "MLSTACK_ACCESS_LOG"),
    ],
)
def test_wrong_settings_are_named(args: list[str], env: dict[str, str], part: str) -> None:
    with pytest.raises(UsageError) as caught:
        App(Runtime(read(args, env)))
    assert part in str(caught.value)


@pytest.mark.parametrize(
    ("args", "part"), [(["--model", ".", "--contract", "v9"], "v9"), (["--modle"], "--modle")]
)
def test_wrong_settings_exit_2(launch: Any, args: list[str], part: str) -> None:
    server = launch(*args)
    assert server.process.wait(120) == 2
    assert part in server.log.read_text()


def test_a_place_given_as_a_flag_replaces_the_environments() -> None:
    config = read(["--model", ".", "--uds", "/tmp/x"], {"MLSTACK_PORT": "8080", "MLSTACK_QUEUE": "3"})
    assert (config.port, config.uds, config.queue) == (None, "/tmp/x", 3)


def test_a_registered_model_is_served(launch: Any, registered: Path) -> None:
    manifest = sha256(registered / "mlstack-model.json")
    launch("--model", str(registered), "--sha256", manifest).wait_ready()


def test_a_model_file_can_be_served_by_its_hash(launch: Any, registered: Path) -> None:
    file = registered / "model.joblib"
    launch("--model", str(file), env={"MLSTACK_SHA256": sha256(file)}).wait_ready()


def change(folder: Path) -> str:
    with (folder / "model.joblib").open("ab") as stream:
        stream.write(b"x")
    return "model.joblib has sha256"


def add(folder: Path) -> str:
    (folder / "model.skops").write_bytes(b"x")
    return "model.skops is not in mlstack-model.json"


def remove(folder: Path) -> str:
    (folder / "model.joblib").unlink()
    return "model.joblib is in mlstack-model.json but not in"


def spoil(folder: Path) -> str:
    (folder / "mlstack-model.json").write_text("[]")
    return "is not of the form"


@pytest.mark.parametrize("tamper", [change, add, remove, spoil])
def test_a_model_that_differs_from_its_manifest_exits_3(launch: Any, registered: Path, tamper: Any) -> None:
    part = tamper(registered)
    server = launch("--model", str(registered))
    assert server.process.wait(120) == 3
    assert part in server.log.read_text()
    assert "Traceback" not in server.log.read_text()


def test_a_tampered_pickle_is_never_run(launch: Any, registered: Path, tmp_path: Path) -> None:
    proof = tmp_path / "ran"
    (registered / "model.joblib").write_bytes(b"cbuiltins\nopen\n(V%s\nVw\ntR." % str(proof).encode())
    assert launch("--model", str(registered)).process.wait(120) == 3
    assert not proof.exists()


def test_the_hash_on_the_command_line_covers_the_manifest(launch: Any, registered: Path) -> None:
    server = launch("--model", str(registered), "--sha256", "0" * 64)
    assert server.process.wait(120) == 3
    assert "mlstack-model.json has sha256" in server.log.read_text()


def test_a_hash_without_manifest_needs_a_single_file(launch: Any, registered: Path) -> None:
    (registered / "mlstack-model.json").unlink()
    digest = sha256(registered / "model.joblib")
    launch("--model", str(registered), "--sha256", digest).wait_ready()
    (registered / "more.txt").touch()
    assert launch("--model", str(registered), "--sha256", digest).process.wait(120) == 3


@pytest.mark.parametrize(
    ("files", "args", "part"),
    [
        ({}, ["--model", "gone"], "there is no model at gone"),
        ({}, ["--model", "gone", "--sha256", "0" * 64], "there is no model at gone"),
        ({"a.txt": ""}, ["--model", "."], "no known model in ."),
        ({"a.txt": ""}, ["--model", ".", "--flavor", "onnx"], "no onnx model in .: expected model.onnx"),
        ({}, ["--model", ".", "--flavor", "sklaern"], "unknown flavor 'sklaern'"),
        ({"model.pkl": "no pickle"}, ["--model", "."], "the model cannot be loaded"),
        ({"model.pkl": "cnot_there\nthing\n."}, ["--model", "."], "needs the module not_there"),
        ({"model.pkl": "(lp0\n."}, ["--model", "."], "a list has neither predict nor transform"),
        ({}, ["--code", "."], "there is no script score.py"),
        ({"score.py": "x = 1"}, ["--code", "."], "it has nothing of the sort"),
        ({"score.py": "async def run(data): ..."}, ["--code", "."], "run is async"),
        ({"score.py": "def run(d): ...\ndef init(): raise SystemExit(7)"}, ["--code", "."], "SystemExit(7)"),
        (
            {"score.py": "class A:\n def load(s, p): ...\n def predict(s, b): ..."},
            ["--code", "."],
            "needs a model",
        ),
    ],
)
def test_what_cannot_be_loaded_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], args: list[str], part: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    runtime, failed = Runtime(read(args, {})), threading.Event()
    runtime.start_loading(on_failure=failed.set)
    assert failed.wait(120)
    assert runtime.failure is not None
    assert runtime.failure.exit_code == 4
    assert part in str(runtime.failure)


def test_what_cannot_be_loaded_exits_4(launch: Any, tmp_path: Path) -> None:
    (tmp_path / "score.py").write_text("def run(data): ...\ndef init(): raise KeyError('lost')")
    server = launch("--code", str(tmp_path))
    assert server.process.wait(120) == 4
    log = server.log.read_text()
    assert "in init" in log
    assert log.splitlines()[-1] == "mlstack_serving: the model cannot be loaded: KeyError('lost')"


def test_a_taken_port_exits_5(launch: Any, digits: Digits) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = launch("--model", str(digits[0]), "--port", str(port))
        assert server.process.wait(120) == 5
        assert f"127.0.0.1:{port}" in server.log.read_text()


def test_a_unix_socket_is_private_and_goes_with_the_server(
    launch: Any, digits: Digits, tmp_path: Path
) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))  # a stale file, as after kill -9
    server = launch("--model", str(digits[0]), "--uds", str(path))
    server.wait_for_log("is ready")
    assert path.stat().st_mode & 0o777 == 0o600
    connection = http.client.HTTPConnection("worker")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(path))
    connection.request("GET", "/v2/health/ready")
    assert connection.getresponse().status == 200
    connection.close()
    second = launch("--model", str(digits[0]), "--uds", str(path))
    assert second.process.wait(120) == 5
    assert server.stop() == 0
    assert not path.exists()


def test_an_inherited_socket(launch: Any, digits: Digits) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number = listener.fileno()
        server = launch("--model", str(digits[0]), "--fd", str(number), pass_fds=[number])
        assert server.url == f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.wait_ready()
