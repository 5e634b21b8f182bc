"""What is killed on Google Cloud, and the same by plain Pulumi."""

from __future__ import annotations

from typing import Any

#: Beside the digits: a channel, which has no name of ours; a budget, whose amount can be changed in place.
SPEC = "notifications: {oncall: {email: ml@example.com}}\nbudget: {amount: 500, currency: USD, per: month}\n"
#: Another run of the job, so another model; another machine for the deployment, so a new one; another amount;
#: and other packages, so other images.
CHANGES = (
    ("c: {value: 1.0}", "c: {value: 2.0}"),
    ("environment: sk, traffic: 100", "environment: sk, size: cpu-m, traffic: 100"),
    ("amount: 500", "amount: 600"),
    ("pandas==2.3.3", "pandas==2.3.2"),
)

PACKAGE = "gcp"
#: What only mlstack does: the package has no job, no model and no deployed one.
LEFT_OUT = frozenset(f"mlstack:gcp:{kind}" for kind in ("Job", "Model", "Deployment", "Traffic"))
#: A number of at most 10 digits, which the package does not make up.
_NAMED = {"gcp:vertex/aiEndpoint:AiEndpoint"}


def plainly(resource: dict[str, Any], inputs: dict[str, Any], by_name: dict[str, Any]) -> list[str]:
    """Change inputs to those of a plain program: without the name that their own type takes."""
    from mlstack_gcp.rehearsal.kinds import KINDS

    kind = KINDS[resource["type"].partition(":")[2]]
    if kind.made_up and resource["type"] not in _NAMED:
        inputs.pop(kind.made_up, None)
    return []


def logical(name: str) -> str:
    return name


def replaced_on(type: str) -> list[str]:
    return []
