"""Figures of deployments as people and programs read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlstack.runtime import Figures

HEAD = ("deployment", "traffic", "requests", "req/s", "errors", "p50", "p95", "p99", "in flight")


def row(each: Figures) -> tuple[str, ...]:
    """The columns of `HEAD`."""
    return (
        f"{each.endpoint}.{each.deployment}",
        share(each),
        str(each.requests),
        f"{each.rate:.1f}",
        errors(each),
        duration(each.p50),
        duration(each.p95),
        duration(each.p99),
        str(each.in_flight),
    )


def as_json(each: Figures) -> dict[str, Any]:
    return {
        "endpoint": each.endpoint,
        "deployment": each.deployment,
        "traffic": each.traffic,
        "mirror": each.mirror,
        "seconds": round(each.seconds, 3),
        "requests": each.requests,
        "rate": round(each.rate, 3),
        "errors": each.errors,
        "refused": each.refused,
        "in_flight": each.in_flight,
        "p50_ms": _milliseconds(each.p50),
        "p95_ms": _milliseconds(each.p95),
        "p99_ms": _milliseconds(each.p99),
    }


def share(each: Figures) -> str:
    """The part of the requests that it is to get; "mirror 20%" of copies."""
    if each.mirror:
        return f"mirror {each.mirror}%"
    return "" if each.traffic is None else f"{each.traffic}%"


def errors(each: Figures) -> str:
    """The part that failed, to a digit that shows one of many."""
    if not each.errors:
        return "0"
    percent = 100 * each.errors / each.requests
    return f"{percent:.1f}%" if percent >= 0.1 else "<0.1%"


def duration(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)
