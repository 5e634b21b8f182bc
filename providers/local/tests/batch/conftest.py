"""Real runs of a batch endpoint, in the interpreter of the tests; none is left going."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mlstack_local import batch, serving
from mlstack_local.batch import BatchInputs
from mlstack_local.jobs import RunFolder, control
from mlstack_local.layout import Layout
from mlstack_local.resources.batch_endpoint import BatchEndpoint

from mlstack import content
from mlstack.resource import Context
from mlstack.runtime import Run, Scored, Scoring

#: Doubles; waits at a row that is told to, until there is a file ``go``; fails at -1.
SCORE = """
import os, pathlib, time

def run(data):
    values = data["a"].tolist()
    while int(os.environ.get("WAIT_AT", 0)) in values and not pathlib.Path(os.environ["GO"]).exists():
        time.sleep(0.02)
    if -1 in values:
        raise ValueError("minus one")
    return data["a"] * int(os.environ.get("TIMES", 2))
"""


class Nightly:
    """The batch endpoint "nightly", and short ways to what is asked of it."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.layout = Layout(context.root, "u1")
        self.go = context.root / "go"
        self.lines: list[str] = []
        self.seen: list[Scored] = []

    def inputs(self, **changes: Any) -> BatchInputs:
        folder = self.context.root / "serve"
        folder.mkdir(exist_ok=True)
        (folder / "score.py").write_text(SCORE)
        code = {"path": "serve", "digest": content.version(folder), "script": "score.py"}
        main = {"environment": "sk@batch", "runtime": serving.runtime(), "code": code, "mini_batch": 10}
        main["env"] = {"GO": str(self.go), **changes.pop("env", {})}
        other = {**main, "env": {**main["env"], "TIMES": "3"}}
        deployments = {"main": {**main, **changes}, "other": other}
        given = {"stack_uid": "u1", "name": "nightly", "default": "main", "deployments": deployments}
        return BatchInputs.model_validate(given)

    def up(self, **changes: Any) -> BatchInputs:
        return BatchInputs.model_validate(BatchEndpoint().create(self.context, self.inputs(**changes)).inputs)

    def table(self, *values: int, name: str = "in.csv") -> Path:
        path = self.context.root / name
        path.write_text("a\n" + "".join(f"{value}\n" for value in values or range(1, 101)))
        return path

    def begin(self, inputs: BatchInputs, data: Any, **wanted: Any) -> RunFolder:
        return batch.begin(self.layout, inputs, Scoring(data, **wanted), self.lines.append)

    def follow(self, run: RunFolder) -> Run:
        return batch.follow(self.layout, "nightly", run, self.seen.append, self.lines.append)

    def score(self, inputs: BatchInputs, data: Any, **wanted: Any) -> Run:
        return self.follow(self.begin(inputs, data, **wanted))

    def resume(self, run_id: str, **wanted: Any) -> Run:
        return self.follow(batch.resume(self.layout, "nightly", Scoring(resume=run_id, **wanted)))

    def text(self, run: Run, output: str = "predictions") -> str:
        return (self.context.root / run.outputs[output]["uri"]).read_text()


@pytest.fixture(scope="session", autouse=True)
def environment(cache: Path) -> None:
    """The environment of version "batch" is the interpreter of the tests."""
    python = cache / "environments" / "batch" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    (cache / "environments" / "batch" / ".complete").touch()


@pytest.fixture
def nightly(context: Context) -> Iterator[Nightly]:
    made = Nightly(context)
    yield made
    for run in batch.runs_of(made.layout, "nightly"):
        control.stop(run)


@pytest.fixture
def until() -> Callable[..., None]:
    def wait(holds: Callable[[], object], seconds: float = 120) -> None:
        over = threading.Event()
        for _ in range(int(seconds / 0.05)):
            if holds():
                return
            over.wait(0.05)
        raise AssertionError("waited in vain")

    return wait
