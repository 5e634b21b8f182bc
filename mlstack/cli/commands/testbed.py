"""``mlstack testbed``: a Kubernetes control plane on this machine, for tests and to try a stack on."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mlstack.cli.options import Debug, Json
from mlstack.errors import UsageError

if TYPE_CHECKING:
    from mlstack.testbed import Cluster

Name = Annotated[
    str, typer.Option("--name", metavar="NAME", help="Which testbed; there may be several at once.")
]


def up(
    name: Name = "default",
    nodes: Annotated[
        str | None,
        typer.Option(
            "--nodes",
            metavar="KIND=COUNT,…",
            help="The machines it pretends to have, of cpu, t4 and a100. Left out: cpu=2,t4=1,a100=1.",
        ),
    ] = None,
    json_: Json = False,
    debug: Debug = False,
) -> None:
    """Start a Kubernetes control plane on this machine, without containers.

    The first time it is built from source, which takes minutes. Where it runs already, what is not running of
    it is started. Pods are said to run, and nothing does.
    """
    from mlstack.obtain.shown import shown
    from mlstack.testbed.nodes import parse

    machines = parse(nodes) if nodes is not None else None
    cluster = _named(name)
    with shown("testbed") as progress:
        cluster.up(progress, machines)
    if json_:
        typer.echo(json.dumps(_told(cluster), indent=2))
        return
    typer.echo(f"testbed {name} is up")
    typer.echo(f"  export KUBECONFIG={shlex.quote(str(cluster.kubeconfig))}")


def down(name: Name = "default", json_: Json = False, debug: Debug = False) -> None:
    """End a testbed, and forget all that was in it."""
    ended = _named(name).down()
    words = f"testbed {name} is gone" if ended else f"there was no testbed {name}"
    typer.echo(json.dumps({"name": name, "ended": ended}, indent=2) if json_ else words)


def status(json_: Json = False, debug: Debug = False) -> int:
    """Show what runs, where, and since when. Exit code 1 where a part of a testbed has ended."""
    from mlstack.cli.show.paint import paint
    from mlstack.cli.show.table import table
    from mlstack.testbed import all_of_user

    found = [_told(cluster) for cluster in all_of_user()]
    if json_:
        typer.echo(json.dumps({"testbeds": found}, indent=2))
    for each in [] if json_ else found:
        typer.echo(f"{each['name']}  {each['url']}  since {each['since']}")
        rows = [(f"  {part['name']}", part["state"], str(part["pid"] or "")) for part in each["components"]]
        for line in table(rows):
            typer.echo(line)
        for part in each["components"]:
            if part["state"] != "running":
                typer.echo(paint(f"  {part['name']} has ended: {part['log']}", "red"))
        if each["state"] != "running":
            typer.echo(f"  mlstack testbed up --name {each['name']} starts it again")
    if not found and not json_:
        typer.echo("no testbed runs; mlstack testbed up starts one")
    return 0 if all(each["state"] == "running" for each in found) else 1


def _named(name: str) -> Cluster:
    from mlstack.testbed import named

    if not re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?", name):
        raise UsageError(
            f"{name!r} is no name for a testbed",
            where="--name",
            remedy="use small letters, digits and hyphens between them, 40 at most",
        )
    return named(name)


def _told(cluster: Cluster) -> dict[str, Any]:
    record = cluster.record()
    assert record is not None
    parts = cluster.components()
    running = sum(part.running for part in parts)
    return {
        "name": cluster.name,
        "state": "running" if running == len(parts) else "degraded" if running else "stopped",
        "url": record.url,
        "since": record.since,
        "kubeconfig": str(cluster.kubeconfig),
        "nodes": record.nodes,
        "components": [
            {
                "name": part.name,
                "state": "running" if part.running else "ended",
                "pid": part.pid if part.running else None,
                "log": str(part.log),
            }
            for part in parts
        ],
    }


COMMANDS: dict[str, Callable[..., int | None]] = {"up": up, "down": down, "status": status}
