"""From what an endpoint is made of and what it is asked to a run that is going."""

from __future__ import annotations

import os
import secrets as randomness
import shlex
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from mlstack.errors import UsageError
from mlstack.runtime import Record, Scoring
from mlstack.suggest import suggest
from mlstack_local import environments, remote, secrets, serving, watching
from mlstack_local.batch.asked import Asked
from mlstack_local.batch.inputs import BatchDeployment, BatchInputs
from mlstack_local.files import matching, private_folder
from mlstack_local.jobs import RunFolder, control
from mlstack_local.jobs.record import Request
from mlstack_local.layout import Layout

#: The scoring program writes so that it can be ended at any moment.
_GRACE_SECONDS = 2.0


def begin(layout: Layout, inputs: BatchInputs, wanted: Scoring, log: Callable[[str], None]) -> RunFolder:
    """Start a run; UsageError where it makes no sense."""
    name = wanted.deployment or inputs.default
    deployment = inputs.deployments[name]
    data, columns = _data(layout, wanted.data, log)
    run_id = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{randomness.token_hex(2)}"
    run = RunFolder(layout.batch(inputs.name, run_id))
    output = run.path / "output" if wanted.output is None else wanted.output.absolute()
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise UsageError(
            f"{output} is there already",
            where="--output",
            code="output-not-empty",
            remedy="name a folder that is new or empty",
        )
    private_folder(run.path)
    if deployment.code is not None:
        # a copy of its own: the run goes on with it tomorrow, whatever is deployed then
        shutil.copytree(inputs.code(layout.root, name), run.path / "code")
    if wanted.mini_batch is not None:
        deployment = deployment.model_copy(update={"mini_batch": wanted.mini_batch})
    words = (*_words(layout, deployment, run), *columns)
    asked = Asked(name, str(data), str(output), words)
    asked.write(run)
    environment = environments.ensure(layout, deployment.environment, log)
    path = [str(serving.folder(deployment.runtime)), *filter(None, [deployment.env.get("PYTHONPATH")])]
    request = Request(
        command="",
        cwd=str(run.path / "code" if deployment.code else private_folder(run.path / "work")),
        environment=str(environment),
        env={**deployment.env, "PYTHONPATH": os.pathsep.join(path)},
        secrets={variable: str(secrets.path(layout, it.name)) for variable, it in deployment.secrets.items()},
        grace_seconds=_GRACE_SECONDS,
    )
    limit = deployment.max_errors if wanted.max_errors is None else wanted.max_errors
    control.start(run, replace(request, command=_command(asked, run_id, limit)))
    return run


def resume(layout: Layout, endpoint: str, wanted: Scoring) -> RunFolder:
    """Go on with a run, with the model, code and environment that it began with; attach to one that lives."""
    run = RunFolder(layout.batch(endpoint, str(wanted.resume)))
    if run.read() is None:
        known = [path.parent.name for path in matching(run.path.parent, "*/run.json")]
        near = suggest(str(wanted.resume), known)
        raise UsageError(
            f"batch endpoint {endpoint!r} has no run {wanted.resume!r}",
            where="--resume",
            code="unknown-run",
            remedy=f"did you mean {near!r}?" if near else f"there are: {', '.join(known[-5:]) or 'none'}",
        )
    request = run.read_request()
    if wanted.max_errors is not None:
        request = replace(request, command=_command(Asked.read(run), run.path.name, wanted.max_errors))
    control.start(run, request)
    return run


def _command(asked: Asked, run_id: str, max_errors: int | None) -> str:
    limit = [] if max_errors is None else ["--max-errors", str(max_errors)]
    words = ["python", "-m", "mlstack_serving.scoring", "--data", asked.data, "--output", asked.output]
    # not a child of the shell: what the runner measures and ends is the program itself
    return "exec " + shlex.join([*words, "--run", run_id, *limit, *asked.words])


def _words(layout: Layout, deployment: BatchDeployment, run: RunFolder) -> list[str]:
    words = ["--mini-batch", str(deployment.mini_batch), "--replicas", str(deployment.replicas)]
    if deployment.timeout_seconds is not None:
        words += ["--timeout", f"{deployment.timeout_seconds:g}"]
    if deployment.model is not None:
        words += ["--model", str(layout.root / deployment.model.uri)]
        words += ["--flavor", deployment.model.flavor] if deployment.model.flavor else []
    if deployment.code is not None:
        words += ["--code", str(run.path / "code")]
        words += ["--script", deployment.code.script] if deployment.code.script else []
    return words


def _data(layout: Layout, data: Path | Record | None, log: Callable[[str], None]) -> tuple[Path, list[str]]:
    """Where the data are, and flags that say what their columns mean."""
    if not isinstance(data, Record):
        return _existing(Path(data or "").absolute()), []
    meant = next((child.inputs.get("columns") for child in data.children), None) or {}
    words = [word for name in meant.get("features") or () for word in ("--feature", name)]
    others = [meant[key] for key in ("label", "prediction", "timestamp") if meant.get(key)]
    words += [word for name in others for word in ("--ignore", name)]
    uri, version = str(data.outputs["uri"]), str(data.outputs["version"])
    if remote.is_remote(uri):
        return remote.ensure(uri, version, watching.lines(log, f"fetching {data.name}")), words
    return _existing(layout.root / uri), words


def _existing(path: Path) -> Path:
    if not path.exists():
        raise UsageError(
            f"there is no {path}",
            where="--data",
            code="missing-path",
            remedy="name a csv, jsonl or parquet file, a folder, or data.NAME",
        )
    return path
