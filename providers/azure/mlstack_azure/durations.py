"""Lengths of time as ARM writes them (ISO 8601)."""

from __future__ import annotations

_RATES = {60: "Minute", 3600: "Hour", 86_400: "Day", 2_592_000: "Month", 31_536_000: "Year"}


def rolling_rate(seconds: float) -> str | None:
    """The platform's word for how long one file of captures is written, None where it has none."""
    return _RATES.get(round(seconds))


def iso(seconds: float) -> str:
    """``90`` -> "PT1M30S", ``86400`` -> "P1D", ``0.2`` -> "PT0.2S"."""
    milliseconds = round(seconds * 1000)
    days, rest = divmod(milliseconds, 86_400_000)
    hours, rest = divmod(rest, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    time = f"{hours}H" if hours else ""
    time += f"{minutes}M" if minutes else ""
    if rest:
        time += f"{rest // 1000}S" if rest % 1000 == 0 else f"{rest / 1000:.3f}".rstrip("0") + "S"
    date = f"P{days}D" if days else "P"
    return f"{date}T{time}" if time else f"{date}T0S" if not days else date
