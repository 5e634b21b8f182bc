"""``mlstack:local:Monitor``: a definition that the stack's scheduler follows.

The scheduler is one supervised process for all monitors of a stack: it starts with the first and ends with
the last.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from pydantic import Field

from mlstack import content
from mlstack.resource import Context, Inputs, Properties, Resource, ResourceFailed, State
from mlstack_local import ports
from mlstack_local.deployments.inputs import CodePart, Part
from mlstack_local.files import matching, private_folder, prune, remove_tree, write_private
from mlstack_local.layout import Layout
from mlstack_local.monitors import definition as definitions
from mlstack_local.monitors import exposition, tend
from mlstack_local.monitors.commands import SCHEDULER
from mlstack_local.monitors.definition import Baseline, Code, Definition
from mlstack_local.supervisor import Program, Supervisor

#: For the file-based service discovery of a Prometheus.
TARGETS = "prometheus.json"
_NOTE = "resource.json"
#: A monitor that is removed lets the reading that is being taken end, for so long.
_READING_SECONDS = 30.0


class BaselinePart(Part):
    """``columns`` as the data's spec has them."""

    uri: str
    version: str
    columns: dict[str, Any] = Field(default_factory=dict)


class MonitorInputs(Inputs):
    """``endpoint`` and ``notify`` are ids. ``running`` is of the scheduler: what should be, and from `read`
    what is."""

    stack_uid: str
    name: str
    endpoint: str
    signal: str
    threshold: float
    metric: str | None = None
    baseline: BaselinePart | None = None
    features: list[str] | None = None
    quantile: float | None = None
    code: CodePart | None = None
    every_seconds: float
    window_seconds: float | None = None
    min_samples: int | None = None
    notify: list[str] = Field(default_factory=list)
    project: str | None = None
    running: bool = True


class Monitor(Resource[MonitorInputs]):
    Inputs = MonitorInputs
    replace_on = frozenset({"stack_uid", "name"})
    read_always = True

    def create(self, context: Context, inputs: MonitorInputs) -> State:
        layout = Layout(context.root, inputs.stack_uid)
        folder = private_folder(layout.monitor(inputs.name))
        code = _copy_code(layout, folder, inputs) if inputs.code else None
        with _locked(layout):
            _definition(inputs, code).write(folder)
            write_private(folder / _NOTE, json.dumps(inputs.model_dump(exclude_none=True)))
            _ensure_scheduler(layout)
        for old in matching(folder, "code-*"):
            if code is None or old.name != Path(code.path).name:
                remove_tree(old)
        return State(_id(inputs.stack_uid, inputs.name), inputs.model_dump(exclude_none=True), {})

    def read(self, context: Context, state: State) -> State | None:
        stack_uid, _, name = state.id.split("/")
        layout = Layout(context.root, stack_uid)
        try:
            noted: Mapping[str, Any] = json.loads((layout.monitor(name) / _NOTE).read_text())
        except FileNotFoundError:
            return None
        process = Supervisor(layout).status().get(SCHEDULER)
        return State(state.id, {**noted, "running": bool(process and process.kept)}, {})

    def delete(self, context: Context, state: State) -> None:
        stack_uid, _, name = state.id.split("/")
        layout = Layout(context.root, stack_uid)
        folder = layout.monitor(name)
        if not layout.home.is_dir():
            return
        with _locked(layout):
            (folder / definitions.NAME).unlink(missing_ok=True)  # from here on the scheduler leaves it alone
            if not exposition.names(layout):
                Supervisor(layout).apply(remove=[SCHEDULER])
            _remove(folder)
            if not exposition.names(layout):
                remove_tree(folder.parent)
        prune(folder.parent, layout.home)

    def find(self, context: Context, inputs: Properties) -> State | None:
        place = _id(inputs["stack_uid"], inputs["name"])
        found = self.read(context, State(place, {}, {}))
        left = Layout(context.root, inputs["stack_uid"]).monitor(inputs["name"]).exists()
        return found or (State(place, inputs, {}) if left else None)


def _id(stack_uid: str, name: str) -> str:
    return f"{stack_uid}/monitor/{name}"


def _locked(layout: Layout) -> FileLock:
    """Monitors of one stack come and go one after the other: the last one ends the scheduler."""
    return FileLock(layout.socket.with_suffix(".monitors.lock"), timeout=300)


def _definition(inputs: MonitorInputs, code: Code | None) -> Definition:
    baseline = inputs.baseline
    usual = {} if inputs.quantile is None else {"quantile": inputs.quantile}
    return Definition(
        name=inputs.name,
        endpoint=inputs.endpoint.rpartition("/")[2],
        signal=inputs.signal,
        threshold=inputs.threshold,
        metric=inputs.metric,
        baseline=Baseline(baseline.uri, baseline.version, baseline.columns) if baseline else None,
        features=None if inputs.features is None else tuple(inputs.features),
        code=code,
        every=inputs.every_seconds,
        window=inputs.window_seconds,
        min_samples=inputs.min_samples,
        notify=tuple(place.rpartition("/")[2] for place in inputs.notify),
        project=inputs.project,
        **usual,
    )


def _copy_code(layout: Layout, folder: Path, inputs: MonitorInputs) -> Code:
    """A copy, so that tomorrow's reading runs what was deployed today."""
    code = inputs.code
    assert code is not None
    source, target = layout.root / code.path, folder / f"code-{code.digest}"
    if not target.is_dir() or content.version(target) != code.digest:
        shutil.rmtree(target, ignore_errors=True)
        ignored = shutil.ignore_patterns(*content.IGNORED, "*.pyc")
        if source.is_dir():
            shutil.copytree(source, target, ignore=ignored)
    if not target.is_dir() or content.version(target) != code.digest:
        raise ResourceFailed(
            f"monitor {inputs.name!r}: the code in {code.path} changed while it was being deployed",
            remedy="run `mlstack up` again",
        )
    return Code(layout.relative(target), code.script or "")


def _remove(folder: Path) -> None:
    """With the reading that is being taken, which would go on to write there, ended."""
    if folder.is_dir():
        with contextlib.suppress(Timeout), tend.lock(folder).acquire(timeout=_READING_SECONDS):
            remove_tree(folder)
    remove_tree(folder)


def _ensure_scheduler(layout: Layout) -> None:
    home = layout.home / "monitors"

    def declare(declared: dict[str, Program]) -> list[Program]:
        known = declared.get(SCHEDULER)
        seed = f"{layout.stack_uid}/{SCHEDULER}"
        port = known.meta["port"] if known else ports.free(seed, ports.taken(declared))
        argv = (sys.executable, "-m", "mlstack_local.monitors.scheduler", str(layout.home), str(port))
        return [Program(SCHEDULER, argv, cwd=str(home), meta={"port": port})]

    [program] = Supervisor(layout).claim(declare)
    target = {"targets": [f"127.0.0.1:{program.meta['port']}"], "labels": {"mlstack_stack": layout.stack_uid}}
    write_private(home / TARGETS, json.dumps([target]))
