"""``mlstack invoke``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mlstack.cli.find import check_deployment, find
from mlstack.cli.operate import state
from mlstack.cli.options import At, Deployment, at_stack
from mlstack.cli.project import open_project
from mlstack.cli.score import given_data, score
from mlstack.errors import Category, MlstackError, TargetError, UsageError

if TYPE_CHECKING:
    from mlstack.runtime import Answer


@at_stack
def invoke(
    at: At,
    endpoint: Annotated[str, typer.Argument(metavar="ENDPOINT", help="Name of the endpoint.")],
    data: Annotated[
        str | None,
        typer.Option(
            "--data",
            metavar="FILE|-",
            help='{"instances": [[…]]}, the Open Inference Protocol\'s {"inputs": […]}, or CSV. For a batch '
            "endpoint: a csv, jsonl or parquet file, a folder, or data.NAME.",
        ),
    ] = None,
    deployment: Deployment = None,
    repeat: Annotated[int, typer.Option("--repeat", min=1, metavar="N", help="Ask N times.")] = 1,
    concurrency: Annotated[
        int, typer.Option("--concurrency", min=1, metavar="C", help="With --repeat, C requests at once.")
    ] = 1,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", metavar="DIR", help="Batch: folder for the predictions. Left out: the run's own."
        ),
    ] = None,
    mini_batch: Annotated[
        int | None,
        typer.Option(
            "--mini-batch", min=1, metavar="N", help="Batch: rows or files per call. Left out: the spec's."
        ),
    ] = None,
    max_errors: Annotated[
        int | None,
        typer.Option(
            "--max-errors",
            min=0,
            metavar="N",
            help="Batch: rows or files that may fail. Left out: the spec's.",
        ),
    ] = None,
    resume: Annotated[
        str | None,
        typer.Option("--resume", metavar="RUN", help="Batch: go on with a run that did not come to its end."),
    ] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Batch: do not wait for the end.")] = False,
) -> None:
    """Ask an endpoint, with its own key; print the answer. With --repeat: latencies in milliseconds.

    A batch endpoint scores a file or a folder in a run of its own, and this waits for it.
    """
    from mlstack.engine.records import records

    opened = open_project(at)
    there = records(state(opened, at))
    record = find(there, ("endpoints",), endpoint)
    check_deployment(record, deployment)
    asked = {"--output": output, "--mini-batch": mini_batch, "--max-errors": max_errors, "--resume": resume}
    asked["--detach"] = detach or None
    if opened.runtime.is_batch(record):
        if repeat > 1:
            raise UsageError("--repeat is for endpoints that answer at once", remedy="leave it out")
        from mlstack.runtime import Scoring

        data_given = given_data(there, data, resume)
        wanted = Scoring(data_given, output, deployment, mini_batch, max_errors, resume, detach)
        score(opened.runtime, record, wanted, at)
        return
    if odd := [option for option, value in asked.items() if value is not None]:
        raise UsageError(
            f"{odd[0]} is for batch endpoints, and {record.name!r} answers at once", remedy="leave it out"
        )
    body = _text(_read(data))
    runtime, kind = opened.runtime, content_type(body)

    def ask() -> Answer:
        return runtime.invoke(record, body, kind, deployment=deployment)

    answer = ask()  # a first answer tells what is wrong, and warms connections
    if answer.status >= 400:
        raise failure(record.name, answer)
    if repeat == 1:
        typer.echo(json.dumps(answer.body, indent=2 if not at.json else None))
        return
    from mlstack.cli.measure import measure

    typer.echo(json.dumps(measure(ask, repeat=repeat, concurrency=concurrency), indent=2))


def content_type(body: bytes) -> str:
    """JSON where it begins as JSON objects do, else CSV."""
    return "application/json" if body.lstrip()[:1] in (b"{", b"[") else "text/csv"


_CATEGORIES: dict[int, Category] = {401: "permission", 403: "permission", 408: "transient", 429: "transient"}


def failure(name: str, answer: Answer) -> MlstackError:
    """What an answer of 400 or above means for who asked."""
    said = answer.body
    for key in ("error", "message", "detail"):
        said = said.get(key, said) if isinstance(said, dict) else said
    category: Category = _CATEGORIES.get(answer.status, "user" if answer.status < 500 else "transient")
    remedies = {
        "user": "change that in --data: rows are taken as the model was trained on them",
        "permission": "`mlstack refresh`, then `mlstack up`, mends a key that has been lost",
        "transient": f"`mlstack logs {name}` shows why; `mlstack status` whether it is ready",
    }
    return TargetError(
        f"the endpoint answered {answer.status}: {said if isinstance(said, str) else json.dumps(said)}",
        where=f"endpoints.{name}",
        remedy=remedies[category],
        code="invoke-failed",
        category=category,
    )


def _text(body: bytes) -> bytes:
    try:
        body.decode()
    except UnicodeDecodeError:
        raise UsageError(
            "an endpoint that answers at once is asked with JSON or CSV in UTF-8, which this is not",
            where="--data",
            remedy="convert it first; parquet is for batch endpoints",
        ) from None
    return body


def _read(data: str | None) -> bytes:
    if data is None:
        raise UsageError("nothing to ask with", where="--data", remedy="--data FILE, or --data - for input")
    if data == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(data).read_bytes()
    except OSError as error:
        raise UsageError(
            f"{data} cannot be read: {error.strerror}",
            where="--data",
            remedy="name a file, or - for standard input",
        ) from None
