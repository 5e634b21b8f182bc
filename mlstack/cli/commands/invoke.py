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
from mlstack.errors import Category, MlstackError, TargetError, UsageError

if TYPE_CHECKING:
    from mlstack.provider import Answer


@at_stack
def invoke(
    at: At,
    endpoint: Annotated[str, typer.Argument(metavar="ENDPOINT", help="Name of the endpoint.")],
    data: Annotated[
        str,
        typer.Option(
            "--data",
            metavar="FILE|-",
            help='{"instances": [[…]]}, the Open Inference Protocol\'s {"inputs": […]}, or CSV.',
        ),
    ],
    deployment: Deployment = None,
    repeat: Annotated[int, typer.Option("--repeat", min=1, metavar="N", help="Ask N times.")] = 1,
    concurrency: Annotated[
        int, typer.Option("--concurrency", min=1, metavar="C", help="With --repeat, C requests at once.")
    ] = 1,
) -> None:
    """Ask an endpoint, with its own key; print the answer. With --repeat: latencies in milliseconds."""
    from mlstack.engine.records import records

    opened = open_project(at)
    body = _read(data)
    record = find(records(state(opened, at)), ("endpoints",), endpoint)
    check_deployment(record, deployment)
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
        "user": "look at the shape of --data: rows as wide as those the model was trained on",
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


def _read(data: str) -> bytes:
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
