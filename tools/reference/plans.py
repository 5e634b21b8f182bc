"""The page of plans: what one spec becomes on each target, side by side, as the builders make it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from mlstack.program import Warned, deploy
from mlstack.provider import Provider
from mlstack.registry import installed, provider
from mlstack.spec import KINDS, Stack
from mlstack.support import gaps
from mlstack.testing import Recording, record
from mlstack.tokens import kind_of, token

from .markdown import code, table

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = ROOT / "examples" / "multi-cloud"

INTRO = """# One spec, several plans

What [the example multi-cloud](../../examples/multi-cloud/README.md) becomes on each target: the resources
below each piece of the spec, by the names of their types in the cloud's Pulumi package, or in mlstack's own
where the package has none (in italics). `mlstack preview --cloud CLOUD --rehearse` shows the same with every
input.

"""


def page() -> str:
    plans = {name: plan for name in sorted(installed()) if (plan := _plan(provider(name))) is not None}
    rows = [
        [code(f"{kind}.{name}"), *(_cell(plan, kind, name) for plan in plans.values())]
        for kind, name in dict.fromkeys(piece for plan in plans.values() for piece in _pieces(plan))
    ]
    totals = ["all", *(str(len(plan.children())) for plan in plans.values())]
    return f"{INTRO}{table(['Spec', *plans], [*rows, totals])}\n## What previews say of it\n\n{_told(plans)}"


def _plan(target: Provider) -> Recording | None:
    """What the target makes of the example; None: it does not take all of it."""
    stack = Stack.load(EXAMPLE / "mlstack.yaml", stack=f"dev-{target.name}", sets=[f"cloud={target.name}"])
    return None if gaps(target, stack) else record(target, lambda: deploy(stack), stack.root)


def _pieces(plan: Recording) -> list[tuple[str, str]]:
    order = list(KINDS)
    found = [(kind, each.name) for each in plan.components() if (kind := kind_of(each.type))]
    return sorted(found, key=lambda piece: (order.index(piece[0]), piece[1]))


def _cell(plan: Recording, kind: str, name: str) -> str:
    owner = next((each for each in plan.components() if (each.type, each.name) == (token(kind), name)), None)
    if owner is None:
        return ""
    counted = Counter(_short(each.type) for each in plan.below(owner))
    return ", ".join(f"{type} x {count}" if count > 1 else type for type, count in sorted(counted.items()))


def _short(type: str) -> str:
    own = type.startswith("mlstack:")
    return f"*{type.rpartition(':')[2]}*" if own else type.rpartition(":")[2]


def _told(plans: Mapping[str, Recording]) -> str:
    lines = dict.fromkeys(_line(name, each) for name, plan in plans.items() for each in plan.warnings)
    return "\n".join(lines) + "\n"


def _line(name: str, told: Warned) -> str:
    place = f"{told.resource}.{told.field}" if told.field else told.resource
    return f"- **{name}**: {code(place)}: {told.message}"
