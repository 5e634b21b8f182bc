"""How the deployments of endpoints fare, from the figures of their gateways."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlstack.runtime import Figures, Record
from mlstack_local.gateway import admin
from mlstack_local.gateway import config as configs
from mlstack_local.gateway.config import Config
from mlstack_local.gateway.totals import NONE, Row, Totals
from mlstack_local.layout import Layout


def read(layout: Layout, records: Sequence[Record]) -> Iterator[list[Figures]]:
    """First since each gateway was started, then since the reading before. A gateway that does not answer has
    no figures."""
    names = [record.name for record in records if record.kind == "endpoints" and record.outputs.get("url")]
    before: dict[str, Totals] = {}
    while True:
        found: list[Figures] = []
        for name in names:
            config = configs.read(layout.endpoint(name))
            totals = admin.totals(config) if config else None
            if config is None or totals is None:
                continue
            found += _of_endpoint(config, totals.since(before.get(name)))
            before[name] = totals
        yield found


def _of_endpoint(config: Config, totals: Totals) -> Iterator[Figures]:
    # Those that are made at the same time stand in the config in any order.
    for deployment in sorted(config.deployments, key=lambda name: (-config.weights.get(name, 0), name)):
        mirror = config.mirrors.get(deployment) or None
        rows = totals.mirrored if mirror else totals.traffic
        traffic = config.weights.get(deployment, 0)
        yield _figures(config, totals, deployment, rows.get(deployment, Row()), traffic, mirror)
    if (refused := totals.traffic.get(NONE)) and refused.requests:
        yield _figures(config, totals, NONE, refused, None, None)


def _figures(
    config: Config, totals: Totals, deployment: str, row: Row, traffic: int | None, mirror: int | None
) -> Figures:
    return Figures(
        endpoint=config.endpoint,
        deployment=deployment,
        seconds=totals.seconds,
        requests=row.requests,
        errors=row.errors,
        refused=row.refused,
        in_flight=row.in_flight,
        p50=row.quantile(0.5),
        p95=row.quantile(0.95),
        p99=row.quantile(0.99),
        traffic=traffic,
        mirror=mirror,
    )
