"""A control plane for tests: `cluster` is up for the tests of a module, and gone after them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import cache

import pytest

from mlstack.errors import TargetError
from mlstack.testbed import Cluster
from mlstack.testbed.binaries import ensure_binaries
from mlstack.testbed.definitions import found

#: The first build on a machine takes six minutes of two cores, and a wait for another that builds counts too.
BUILD_SECONDS = 1800

_SKIPPED = "no Kubernetes control plane"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "cluster" in getattr(item, "fixturenames", ()) and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(BUILD_SECONDS))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many tests there were nothing for, in one line: a run without them looks like any other."""
    skipped = terminalreporter.stats.get("skipped", [])
    count = sum(_SKIPPED in str(report.longrepr) for report in skipped)
    if count:
        terminalreporter.write_line(f"{count} tests were skipped: {_SKIPPED}", yellow=True)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A testbed with the nodes of `nodes.DEFAULT`. Tests share it: each takes a namespace of its own."""
    cluster = Cluster(tmp_path_factory.mktemp("testbed"))
    up(cluster)
    try:
        yield cluster
    finally:
        cluster.down()


def up(cluster: Cluster) -> None:
    binaries()
    cluster.up(_say)


def binaries() -> None:
    """Build the programs of a control plane where this machine has none, or skip the test that needs them."""
    if (reason := _missing()) is not None:
        pytest.skip(f"{_SKIPPED}: {reason}")


def definitions(project: str) -> None:
    """Fetch the definitions of a project, or skip the test that needs them."""
    try:
        found([project], _say)
    except TargetError as error:
        pytest.skip(error.message)


@cache
def _missing() -> str | None:
    """Why there are none, asked once: it may take long to find out."""
    try:
        ensure_binaries(_say)
    except TargetError as error:
        return " ".join(error.message.splitlines()[1:])
    return None


def _say(text: str) -> None:
    print(f"testbed: {text}", file=sys.stderr)


@pytest.fixture
def namespace(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[str]:
    """One of the test's own, empty."""
    name = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower())[-63:].strip("-")
    cluster.kubectl("create", "namespace", name)
    yield name
    cluster.kubectl("delete", "namespace", name, "--wait=false")
