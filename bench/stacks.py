"""A stack of some 300 resources on each emulated cloud, beside its ejected program; what a target imports.

python bench/stacks.py [--pairs N] [--clouds NAME ...]: prints one object. Each figure comes from runs in
turn, and a ratio is that of a pair.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import plain
from emulated import REGIONS, emulated
from measure import Cost, Figure, cost, load, pairs, with_memory

from mlstack.engine.install import Engine, ensure_engine

MLSTACK = plain.MLSTACK
GOAL = 1.10
#: Endpoints that make some 300 resources, with what is around and below them.
ENDPOINTS = {"azure": 47, "aws": 70, "gcp": 68}
SDKS = {"azure": "pulumi_azure_native", "aws": "pulumi_aws", "gcp": "pulumi_gcp"}
#: All that a target has, and what its builders import by name; of the SDK only what is used.
TARGET = """\
import pkgutil, sys
import mlstack
from mlstack.registry import provider
target = provider(sys.argv[1])
for name in (*target.builders.values(), *target.resources.values()):
    pkgutil.resolve_name(name)
"""


def of_endpoints(cloud: str, folder: Path, engine: Engine, count: int) -> Figure:
    """`up` from nothing, and `preview` and `up` without a change, beside the ejected program's."""
    live = _project(cloud, folder / "live")
    with emulated(cloud, live) as environment:
        cost([MLSTACK, "up", "--yes", "--json"], live, environment)
        own = plain.write(live, live / "state", folder / "plain", environment)
        unchanged = _unchanged(cloud, live, folder / "plain", engine, environment, own, count)
    first = pairs(lambda: _first(cloud, folder), lambda: _first(cloud, folder, engine, own), min(count, 3))
    return {
        "endpoints": ENDPOINTS[cloud],
        "resources": _resources(cloud, live),
        **unchanged,
        "up from nothing": with_memory(("mlstack up", "pulumi up --skip-preview"), first, GOAL),
    }


def imports(cloud: str, count: int) -> Figure:
    """What a target's modules take, beside the whole of the SDK that it stands on."""
    made = pairs(
        lambda: cost([sys.executable, "-c", TARGET, cloud], Path.cwd()),
        lambda: cost([sys.executable, "-c", f"import {SDKS[cloud]}"], Path.cwd()),
        count,
    )
    return with_memory((f"mlstack with the whole target {cloud}", f"import {SDKS[cloud]}"), made)


def _unchanged(
    cloud: str,
    live: Path,
    ejected: Path,
    engine: Engine,
    ours: Mapping[str, str],
    theirs: Mapping[str, str],
    count: int,
) -> Figure:
    figure = {}
    options = ["--stack", _stack(cloud), "--non-interactive", "--expect-no-changes"]
    for verb, yes in (("preview", []), ("up", ["--yes"])):
        made = pairs(
            lambda verb=verb, yes=yes: cost([MLSTACK, verb, "--json", *yes], live, ours),
            lambda verb=verb, yes=yes: cost([engine.path, verb, *options, *yes], ejected, theirs),
            count,
        )
        figure[f"{verb} without a change"] = with_memory((f"mlstack {verb}", f"pulumi {verb}"), made, GOAL)
    return figure


def _first(
    cloud: str, folder: Path, engine: Engine | None = None, plains: Mapping[str, str] | None = None
) -> Cost:
    """The whole stack made on an empty cloud: by mlstack, or with an engine by the ejected program.

    `mlstack up` plans first only where there is something already, so the plain program leaves it out.
    """
    with tempfile.TemporaryDirectory() as scratch:
        live = _project(cloud, Path(scratch) / "live")
        with emulated(cloud, live) as environment:
            if engine is None or plains is None:
                return cost([MLSTACK, "up", "--yes", "--json"], live, environment)
            ejected = Path(scratch) / "plain"
            shutil.copytree(folder / "plain", ejected, ignore=shutil.ignore_patterns("state", ".mlstack"))
            (ejected / "state").mkdir()
            own = {**plains, **environment, "PULUMI_BACKEND_URL": (ejected / "state").as_uri()}
            new = [engine.path, "stack", "init", _stack(cloud), "--no-select", "--non-interactive"]
            subprocess.run(new, cwd=ejected, env=own, check=True, capture_output=True)
            up = [engine.path, "up", "--stack", _stack(cloud), "--non-interactive", "--yes", "--skip-preview"]
            return cost(up, ejected, own)


def _project(cloud: str, folder: Path) -> Path:
    """A spec of so many endpoints, each with a deployment of one model."""
    (folder / "model").mkdir(parents=True)
    (folder / "model" / "model.json").write_text("{}")
    deployment = {"model": "digits", "environment": "sk", "traffic": 100}
    spec = {
        "version": 1,
        "name": "endpoints",
        "cloud": cloud,
        "region": REGIONS[cloud],
        "environments": {"sk": {"packages": ["scikit-learn==1.7.2"]}},
        "models": {"digits": {"path": "./model", "flavor": "sklearn"}},
        "endpoints": {f"e{n:02}": {"deployments": {"main": deployment}} for n in range(ENDPOINTS[cloud])},
    }
    (folder / "mlstack.yaml").write_text(json.dumps(spec))
    (folder / "state").mkdir()
    return folder


def _stack(cloud: str) -> str:
    return f"dev-{cloud}"


def _resources(cloud: str, live: Path) -> int:
    """How many the state holds, without components and providers."""
    (file,) = (live / "state" / ".pulumi" / "stacks").glob(f"*/{_stack(cloud)}.json")
    held = json.loads(file.read_text())["checkpoint"]["latest"]["resources"]
    return sum(each["custom"] and not each["type"].startswith("pulumi:") for each in held)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--clouds", nargs="+", default=list(ENDPOINTS), choices=list(ENDPOINTS))
    options = parser.parse_args(arguments)
    engine = ensure_engine(lambda line: print(line, file=sys.stderr))
    figure: Figure = {"bench": "stacks", "pairs": options.pairs, "load_before": load()}
    for cloud in options.clouds:
        figure[cloud] = {"version": version(SDKS[cloud]), "imports": imports(cloud, options.pairs)}
        if plain.host():
            with tempfile.TemporaryDirectory() as scratch:
                figure[cloud] |= of_endpoints(cloud, Path(scratch), engine, options.pairs)
        else:
            reason = "a plain Python program needs pulumi-language-python on PATH"
            figure[cloud]["skipped"] = reason
    figure["load_after"] = load()
    print(json.dumps(figure, indent=1))


if __name__ == "__main__":
    main()
