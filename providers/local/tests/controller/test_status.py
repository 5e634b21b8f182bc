"""What `mlstack status` and `mlstack logs` tell of workers that come and go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mlstack.registry import provider
from mlstack.runtime import Record, Site


def test_the_present_number_stands_beside_the_span(
    world: Any, scaled: dict[str, Any], until: Callable[..., None]
) -> None:
    scaled["replicas"], scaled["scaling"]["idle_seconds"] = 0, 2
    endpoint, _, _ = world.whole(**scaled)
    runtime = provider("local").runtime(Site(world.uid, world.context.root, None))
    deployments = {"blue": {"traffic": 100, "replicas": 0}}
    record = Record("endpoints", "digits", {**endpoint.outputs, "deployments": deployments})

    def told() -> tuple[str, str]:
        (status,) = runtime.status([record])
        return status.state, status.detail

    with world.steady(endpoint, 30):
        until(lambda: told() == ("ready", "blue 3/3 ready (0-3)"))
    until(lambda: told() == ("ready", "blue asleep (0-3)"))
    lines = list(runtime.logs(record, child=None, follow=False, tail=None))
    assert [line for line in lines if line.startswith("controller: ") and "-> 3 workers" in line]
