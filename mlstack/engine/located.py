"""Where in the spec a resource of the engine comes from."""

from __future__ import annotations

from mlstack.spec import KINDS, Stack


def located(where: str | None, stack: Stack | None) -> str | None:
    """ "endpoints.scores-config" as the user reads it: "mlstack.yaml:12:3 endpoints.scores".

    The name of a child begins with that of the resource of the spec that it is made for. What is in no file
    stays as it is.
    """
    kind, _, child = (where or "").partition(".")
    if stack is None or kind not in KINDS:
        return where
    path: tuple[str, ...] = (kind,)
    if not KINDS[kind].single:
        owners = [name for name in getattr(stack, kind) if f"{child}-".startswith(f"{name}-")]
        if not owners:
            return where
        path = (kind, max(owners, key=len))
    file, line, column = stack.where(path)
    if line is None:
        return where
    return f"{file}:{line}:{column} {'.'.join(path)}"
