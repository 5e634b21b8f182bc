"""Each rule refuses its example and lets the near one pass; each name is too long, too short, or wrong."""

from __future__ import annotations

import pytest
from mlstack_azure.rehearsal import AzureEmulation, ids
from mlstack_azure.rehearsal.rules import RULES, View
from mlstack_azure.rehearsal.rules.names import _TABLE

from mlstack.resource import UNKNOWN

from .estate import ESTATE
from .examples import EXAMPLES, Example, inputs
from .monitoring import MONITORS

_RULES = {one.code: one for one in RULES}
_EXAMPLES = [*EXAMPLES, *MONITORS]


def test_each_rule_has_an_example() -> None:
    named = {code for code in _RULES if code.startswith("name-")}
    assert {one.code for one in _EXAMPLES} == set(_RULES) - named
    assert len(named) == len(_TABLE)


@pytest.mark.parametrize("example", _EXAMPLES, ids=lambda one: one.code)
def test_rule(example: Example) -> None:
    rule = _RULES[example.code]
    assert example.kind in rule.tokens
    refused = list(rule.judge(View(inputs(example.kind, example.both, example.refused))))
    assert refused, "the wrong example passes"
    assert all(path and message for path, message in refused)
    assert list(rule.judge(View(inputs(example.kind, example.both, example.passes)))) == []


_ALONE = ("mirror-not-live", "schedule-endpoint")  # about one rule, and wrong by another


@pytest.mark.drawn(of=4)
@pytest.mark.parametrize(
    "example", [one for one in _EXAMPLES if one.code not in _ALONE], ids=lambda one: one.code
)
def test_what_passes_one_rule_passes_them_all(example: Example, azure: AzureEmulation) -> None:
    """The near example is one that the platform takes, by each of the nets."""
    given = inputs(example.kind, example.both, example.passes)
    assert list(azure.check(f"azure-native:{example.kind}", given, known=True)) == []


@pytest.mark.drawn(of=4)
@pytest.mark.parametrize("row", _TABLE, ids=lambda row: row[0])
def test_name(row: tuple[str, str, int, int, str, str, str]) -> None:
    kind, path, low, high = row[:4]
    rule = _RULES["name-" + kind.replace(":", "-").lower()]

    def problems(name: object) -> list[tuple[str, str]]:
        return list(rule.judge(View({path: name})))

    good = str(ESTATE[kind][path])
    assert problems(good) == []
    assert problems(UNKNOWN) == []
    assert problems("x" * (high + 1)), f"longer than {high}"
    assert problems("/"), "a character that no name has"
    if low > 1:
        assert problems("x" * (low - 1)), f"shorter than {low}"


@pytest.mark.parametrize("kind", ESTATE)
def test_no_rule_judges_what_is_not_known(kind: str, azure: AzureEmulation) -> None:
    """A preview in which nothing but the names is known is refused by no rule."""
    kept = set(ids.TYPES[kind].parameters)
    given = {key: value if key in kept else UNKNOWN for key, value in ESTATE[kind].items()}
    assert list(azure.check(f"azure-native:{kind}", given, known=False)) == []


def test_a_known_part_is_judged_beside_an_unknown_one(azure: AzureEmulation) -> None:
    kind = "machinelearningservices:OnlineEndpoint"
    given = inputs(kind, {"properties.traffic": {"blue": UNKNOWN, "green": 101}})
    (refusal,) = azure.check(f"azure-native:{kind}", given, known=False)
    assert refusal.path == "properties.traffic.green"
