"""What a deployment's probes may say where the platform itself asks."""

from __future__ import annotations

from collections.abc import Iterator

from mlstack.spec import Deployment


def refusals(
    deployment: Deployment, counted: str, *, least_delay: int = 0
) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Times that are no whole seconds, and paths that are none: place, message, remedy.

    ``counted`` says who counts ("the platform counts in whole seconds").
    """
    for which in ("ready", "live"):
        probe = getattr(deployment.probes, which) if deployment.probes else None
        if probe is None:
            continue
        for field in ("initial_delay", "period", "timeout"):
            value = getattr(probe, field)
            least = least_delay if field == "initial_delay" else 1
            if value is not None and (value < least or value % 1):
                yield (
                    ("probes", which, field),
                    f"{counted}, from {least}",
                    f"set {max(least, round(value))}s",
                )
        if probe.path is not None and not probe.path.startswith("/"):
            yield ("probes", which, "path"), f"{probe.path!r} is no path", f"write /{probe.path}"
