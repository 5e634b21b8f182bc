"""``mlstack testbed``: a Kubernetes control plane on this machine, for tests and to try a stack on."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mlstack.cli.options import Debug, Json
from mlstack.errors import UsageError

if TYPE_CHECKING:
    from mlstack.testbed import Cluster

DEFAULT = "default"

Name = Annotated[
    str, typer.Option("--name", metavar="NAME", help="Which testbed; there may be several at once.")
]


def up(
    name: Name = DEFAULT,
    nodes: Annotated[
        str | None,
        typer.Option(
            "--nodes",
            metavar="KIND=COUNT,…",
            help="The machines it pretends to have, of cpu, t4 and a100. Left out: cpu=2,t4=1,a100=1.",
        ),
    ] = None,
    crds: Annotated[
        list[str] | None,
        typer.Option(
            "--crds",
            metavar="NAME,…|PATH",
            help="Custom resource definitions to apply: of argo, gateway, keda, knative, kserve, kuberay, "
            "kueue or prometheus, or in a file or folder of yours. Repeatable.",
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
    from mlstack.testbed import definitions
    from mlstack.testbed.nodes import parse

    machines = parse(nodes) if nodes is not None else None
    defined = definitions.split(crds or ())
    definitions.check(defined)
    cluster = _named(name)
    with shown("testbed") as progress:
        cluster.up(progress, machines)
        if defined:
            cluster.define(defined, progress)
    told = _told(cluster)
    if json_:
        typer.echo(json.dumps(told, indent=2))
        return
    typer.echo(f"testbed {name} is up: {_summary(told)}")
    typer.echo(f"  export KUBECONFIG={shlex.quote(told['kubeconfig'])}")
    typer.echo("  mlstack up --cloud kubernetes")
    typer.echo(f"  mlstack testbed kubectl {_option(name)}-- get nodes")


def down(name: Name = DEFAULT, json_: Json = False, debug: Debug = False) -> None:
    """End a testbed, and forget all that was in it."""
    ended = _named(name).down()
    words = f"testbed {name} is gone" if ended else f"there was no testbed {name}"
    typer.echo(json.dumps({"name": name, "ended": ended}, indent=2) if json_ else words)


def kubectl(
    words: Annotated[list[str], typer.Argument(metavar="WORDS…", help="What kubectl is to do. After `--`.")],
    name: Name = DEFAULT,
    debug: Debug = False,
) -> int:
    """Run the kubectl that was built with the testbed, against it."""
    return subprocess.run(_named(name).command(*words), check=False).returncode


def status(json_: Json = False, debug: Debug = False) -> int:
    """Show what runs, where, and since when. Exit code 1 where a part of a testbed has ended."""
    from mlstack.testbed import all_of_user

    found = [_told(cluster) for cluster in all_of_user()]
    if json_:
        typer.echo(json.dumps({"testbeds": found}, indent=2))
    else:
        for each in found:
            for line in _lines(each):
                typer.echo(line)
        if not found:
            typer.echo("there is no testbed; `mlstack testbed up` starts one")
    return 0 if all(each["state"] == "running" for each in found) else 1


def _lines(told: dict[str, Any]) -> Iterator[str]:
    from mlstack.cli.show.paint import paint
    from mlstack.cli.show.table import table

    style = "green" if told["state"] == "running" else "red"
    yield f"{told['name']}  {paint(told['state'], style)}  {_summary(told)}"
    yield from table([(f"  {part['name']}", _process(part)) for part in told["components"]])
    yield f"  export KUBECONFIG={shlex.quote(told['kubeconfig'])}"
    if told["state"] != "running":
        again = f"mlstack testbed up {_option(told['name'])}".strip()
        yield f"  `{again}` starts what has ended; nothing is lost"


def _option(name: str) -> str:
    """What names a testbed on a command line, with a space behind it; nothing for the default one."""
    return "" if name == DEFAULT else f"--name {name} "


def _process(part: dict[str, Any]) -> str:
    return f"process {part['pid']}" if part["pid"] else f"has ended, see {part['log']}"


def _summary(told: dict[str, Any]) -> str:
    nodes = ", ".join(f"{count} {kind}" for kind, count in told["nodes"].items())
    return f"Kubernetes {told['kubernetes']} at {told['url']} with {nodes}, since {told['since']}"


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
        "kubernetes": record.kubernetes,
        "kubeconfig": str(cluster.kubeconfig),
        "nodes": record.nodes,
        "crds": record.definitions,
        "components": [
            {
                "name": part.name,
                "state": "running" if part.running else "ended",
                "pid": part.pid,
                "log": str(part.log),
            }
            for part in parts
        ],
    }


COMMANDS: dict[str, Callable[..., int | None]] = {
    "up": up,
    "down": down,
    "status": status,
    "kubectl": kubectl,
}
