"""For every test of the workspace."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import HealthCheck, settings

# How long a machine takes says nothing of what is tested.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

pytest_plugins = ["tests.absent", "tests.testbed"]

# What tests of several targets have in common says what differs, too.
pytest.register_assert_rewrite("tests.changes.apply")

# A suite that is started in the background inherits ignored signals, and so would every process that a test
# starts: those tests that press Ctrl-C, or hang up, would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

# A developer's cluster is no test's to look at: those that need one bring it (`tests.testbed`).
os.environ["KUBECONFIG"] = str(Path(os.devnull) / "kubeconfig")

#: Which of the tests marked `drawn` a run has: those of one day are the same on all workers.
SEED = os.environ.get("MLSTACK_SEED") or date.today().isoformat()


#: As the run began: what a fixture of the session sets for its folder is not for the modules of others.
_BEGUN = dict(os.environ)


@pytest.fixture(scope="module", autouse=True)
def _environment() -> Iterator[None]:
    """What a module's libraries write into the environment ends with it (azure-ai-ml writes there)."""
    yield
    for name in os.environ.keys() - _BEGUN.keys():
        if not name.startswith("PYTEST_"):
            del os.environ[name]
    os.environ.update(_BEGUN)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of the tests marked `drawn` every second one, by chance, is left to the soak; of those marked
    `drawn(of=4)` all but every fourth. `drawn(by="up")`: those of a module that share the parameter of that
    name, and what was made of it, are drawn together."""
    for item in items:
        marker = item.get_closest_marker("drawn")
        if marker is None:
            continue
        drawn, by = item.nodeid, marker.kwargs.get("by")
        if by is not None:
            assert isinstance(item, pytest.Function)
            drawn = f"{item.path.name} {item.callspec.params[by]}"
        if crc32(f"{SEED} {drawn}".encode()) % marker.kwargs.get("of", 2):
            item.add_marker(pytest.mark.soak)
