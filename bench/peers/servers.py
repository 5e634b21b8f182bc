"""The servers that are measured, each in an environment of its own, each with one worker process."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import requires
from pathlib import Path
from typing import Any

from filelock import FileLock
from uv import find_uv_bin

from mlstack.paths import cache_dir

HERE = Path(__file__).parent
SERVING = HERE.parents[1] / "serving"
PYTHON = "3.11"
LIBRARIES = ("scikit-learn==1.7.2", "onnxruntime==1.23.2", "numpy==2.3.5", "joblib==1.5.2")


@dataclass(frozen=True)
class Start:
    """How a server is started: what, with which variables, where it is asked and what."""

    argv: Sequence[str | Path]
    path: str
    body: Mapping[str, Any]
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Server:
    """``start(bin folder, models, flavor, port, scratch folder, rows)``."""

    name: str
    requirements: tuple[str, ...]
    start: Callable[[Path, Path, str, int, Path, list[list[float]]], Start]


def file_of(models: Path, flavor: str) -> Path:
    return models / flavor / ("model.joblib" if flavor == "sklearn" else "model.onnx")


def _mlstack(bin: Path, models: Path, flavor: str, port: int, scratch: Path, rows: Any) -> Start:
    argv = [bin / "python", "-m", "mlstack_serving", "--model", models / flavor, "--port", str(port)]
    return Start(argv, "/", {"instances": rows}, {"PYTHONPATH": str(SERVING)})


def _mlflow(bin: Path, models: Path, flavor: str, port: int, scratch: Path, rows: Any) -> Start:
    argv = [bin / "mlflow", "models", "serve", "--model-uri", models / f"mlflow-{flavor}"]
    argv += ["--env-manager", "local", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    return Start(argv, "/invocations", {"instances": rows})


def _bentoml(bin: Path, models: Path, flavor: str, port: int, scratch: Path, rows: Any) -> Start:
    argv = [bin / "bentoml", "serve", "bento_service:Digits", "--working-dir", HERE]
    argv += ["--host", "127.0.0.1", "--port", str(port)]
    env = {"BENCH_MODEL": str(file_of(models, flavor)), "BENCH_FLAVOR": flavor, "BENTOML_HOME": str(scratch)}
    return Start(argv, "/predict", {"instances": rows}, {**env, "BENTOML_DO_NOT_TRACK": "true"})


def _mlserver(bin: Path, models: Path, flavor: str, port: int, scratch: Path, rows: Any) -> Start:
    implementation = "mlserver_sklearn.SKLearnModel" if flavor == "sklearn" else "mlserver_onnx.Onnx"
    settings = {"host": "127.0.0.1", "http_port": port, "grpc_port": port + 1, "metrics_port": port + 2}
    model = {"name": "digits", "implementation": implementation, "parameters": {}}
    model["parameters"] = {"uri": str(file_of(models, flavor))}
    (scratch / "digits").mkdir()
    (scratch / "settings.json").write_text(json.dumps({**settings, "parallel_workers": 0}))
    (scratch / "digits" / "model-settings.json").write_text(json.dumps(model))
    flat = [value for row in rows for value in row]
    tensor = {"name": "x", "shape": [len(rows), len(rows[0])], "datatype": "FP64", "data": flat}
    argv = [bin / "mlserver", "start", scratch]
    return Start(argv, "/v2/models/digits/infer", {"inputs": [tensor]}, {"PYTHONPATH": str(HERE)})


def _own_requirements() -> tuple[str, ...]:
    return tuple(line for line in requires("mlstack-serving") or () if "extra ==" not in line)


MAKER = ("mlflow==3.17.2", "skl2onnx==1.19.1", "onnx==1.19.1", *LIBRARIES)
SERVERS = (
    Server("mlstack", (*_own_requirements(), *LIBRARIES), _mlstack),
    Server("mlflow", MAKER, _mlflow),
    Server("bentoml", ("bentoml==1.4.40", *LIBRARIES), _bentoml),
    Server("mlserver", ("mlserver==1.7.1", "mlserver-sklearn==1.7.1", *LIBRARIES), _mlserver),
)


def environment(requirements: Sequence[str]) -> Path:
    """The folder of executables of an environment that has the requirements; made once, in the cache."""
    key = hashlib.sha256("\n".join((PYTHON, *requirements)).encode()).hexdigest()[:12]
    folder = cache_dir() / "bench-environments" / key
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_suffix(".lock")):
        if not (folder / ".complete").exists():
            _uv("venv", "--clear", "--python", PYTHON, folder)
            _uv("pip", "install", "--python", folder / "bin" / "python", *requirements)
            (folder / ".complete").touch()
    return folder / "bin"


def _uv(*words: str | Path) -> None:
    cleaned = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    done = subprocess.run([find_uv_bin(), *words, "--quiet"], env=cleaned, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
