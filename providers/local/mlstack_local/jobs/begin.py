"""From a job's inputs to a run: where it is, what it is asked, what it made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mlstack.lowering.shell import render
from mlstack_local import environments, remote, secrets, watching
from mlstack_local.files import private_folder
from mlstack_local.jobs import control
from mlstack_local.jobs.inputs import JobInputs
from mlstack_local.jobs.record import Record, Request, RunFolder


def folder_of(job: JobInputs, root: Path) -> RunFolder:
    """The folder of the stack's own run of these inputs."""
    return RunFolder(job.layout(root).job(job.name, job.fingerprint()))


def start_run(job: JobInputs, root: Path, run: RunFolder, log: Callable[[str], None]) -> Record:
    """Start the run, or attach to it where it lives, or find it done."""
    layout = job.layout(root)
    if job.environment:
        environment = environments.ensure(layout, job.environment, log)
    else:
        environment = environments.bare(layout, log)
    for name, given in job.inputs.items():
        if remote.is_remote(given.uri):
            remote.ensure(str(given.uri), str(given.version), watching.lines(log, f"fetching {name}"))
    outputs = {name: str(run.output(name)) for name in job.outputs}
    request = Request(
        command=render(job.command, job.values(root), outputs),
        cwd=str(root / job.code.path if job.code else private_folder(run.path / "work")),
        environment=str(environment),
        env=job.env,
        secrets={variable: str(secrets.path(layout, it.name)) for variable, it in job.secrets.items()},
        outputs={name: output.type for name, output in job.outputs.items()},
        timeout_seconds=job.timeout_seconds,
        retries=job.retries,
        nodes=job.nodes,
        processes=job.processes,
        inputs=job.shown(),
        tracking=str(root / ".mlstack"),
        experiment="/".join(filter(None, (job.project, job.name))),
    )
    return control.start(run, request)


def outputs_of(job: JobInputs, root: Path, run: RunFolder, record: Record | None) -> dict[str, Any]:
    """Place and version of each output; the version is None until the run has succeeded."""
    versions: Mapping[str, str] = record.outputs if record is not None else {}
    layout = job.layout(root)
    return {
        name: {"uri": layout.relative(run.output(name)), "version": versions.get(name)}
        for name in job.outputs
    }
