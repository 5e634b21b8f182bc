"""The engine's event stream, gathered into what `--json` prints and what progress shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from pulumi.automation import EngineEvent
from pulumi.automation.events import StepEventMetadata

from mlstack.engine.urn import Urn

Op = Literal["same", "create", "update", "replace", "delete", "read", "import", "refresh"]

#: The engine's step kinds, to the eight of the command line. A replacement is three steps of the engine.
OPS: dict[str, Op] = {
    "same": "same",
    "create": "create",
    "update": "update",
    "replace": "replace",
    "create-replacement": "replace",
    "delete-replaced": "replace",
    "discard-replaced": "replace",
    "remove-pending-replace": "replace",
    "delete": "delete",
    "discard": "delete",
    "read": "read",
    "read-replacement": "replace",
    "refresh": "refresh",
    "import": "import",
    "import-replacement": "replace",
}

COUNTED = ("create", "update", "replace", "delete", "same")


@dataclass(frozen=True)
class Difference:
    """A property that changes. ``path`` as the engine writes it."""

    path: str
    kind: Literal["add", "update", "delete"]
    replace: bool

    def as_json(self) -> dict[str, Any]:
        return {"path": self.path, "kind": self.kind, "replace": self.replace}


@dataclass
class Change:
    """What happens, or happened, to one resource. Secrets in ``inputs`` read "[secret]"."""

    urn: str
    op: Op
    diff: list[Difference] = field(default_factory=list)
    inputs: dict[str, Any] = field(default_factory=dict)
    protected: bool = False
    done: bool = False
    failed: bool = False

    @property
    def parsed(self) -> Urn:
        return Urn.parse(self.urn)

    def as_json(self) -> dict[str, Any]:
        urn = self.parsed
        return {
            "urn": self.urn,
            "type": urn.type,
            "name": urn.name,
            "kind": urn.kind,
            "op": self.op,
            "diff": [difference.as_json() for difference in self.diff],
            "inputs": self.inputs,
        }


Listener = Callable[[Change, str], None]
"""Called as a resource moves: (its change, "start" | "done" | "failed" | a progress line)."""


@dataclass
class Journal:
    """All that the engine told in one operation."""

    listener: Listener | None = None
    changes: dict[str, Change] = field(default_factory=dict)
    errors: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)

    def __call__(self, event: EngineEvent) -> None:
        if event.resource_pre_event:
            self._step(event.resource_pre_event.metadata, "start")
        elif event.res_outputs_event:
            self._step(event.res_outputs_event.metadata, "done")
        elif event.res_op_failed_event:
            self._step(event.res_op_failed_event.metadata, "failed")
        elif event.diagnostic_event:
            self._diagnostic(event.diagnostic_event)

    def summary(self) -> dict[str, int]:
        ops = [change.op for change in self.resources()]
        return {op: ops.count(cast("Op", op)) for op in COUNTED}

    def resources(self) -> list[Change]:
        """Every resource but the stack itself and the engine's own provider resources."""
        return [
            change
            for change in self.changes.values()
            if not change.parsed.is_root and not change.parsed.is_provider
        ]

    def _step(self, step: StepEventMetadata, phase: Literal["start", "done", "failed"]) -> None:
        urn = Urn.parse(step.urn)
        if urn.is_root:
            if step.new and step.new.outputs:
                self.outputs = dict(step.new.outputs)
            return
        op = OPS.get(step.op, "update")
        known = self.changes.get(step.urn)
        if known is None or (known.op in ("refresh", "same") and op != known.op):
            # a refresh within an update is no change of its own: the step that follows it counts
            change = self.changes[step.urn] = Change(step.urn, op)
        else:
            change = known
        if op == "replace":
            change.op = "replace"
        if step.detailed_diff and not change.diff:
            change.diff = [_difference(path, item) for path, item in step.detailed_diff.items()]
        if step.new and step.op != "delete-replaced":
            change.inputs = dict(step.new.inputs or {})
        change.protected = change.protected or bool(step.old and step.old.protect)
        change.done = phase == "done"
        change.failed = change.failed or phase == "failed"
        if self.listener:
            self.listener(change, phase)

    def _diagnostic(self, diagnostic: Any) -> None:
        text = diagnostic.message.strip()
        urn = diagnostic.urn or ""
        if not text:
            return
        if diagnostic.ephemeral or diagnostic.severity == "info":
            change = self.changes.get(urn)
            if change and self.listener:
                self.listener(change, diagnostic.message.strip("\r\n").rstrip())  # a log's indents are kept
        elif diagnostic.severity == "error":
            self.errors.append((urn, text))
        elif diagnostic.severity == "warning":
            self.warnings.append((urn, text))


def _difference(path: str, item: Any) -> Difference:
    name = getattr(item, "diff_kind", None) or item["diffKind"]
    kind, _, replace = str(getattr(name, "value", name)).partition("-")
    return Difference(path, cast("Literal['add', 'update', 'delete']", kind), replace == "replace")
