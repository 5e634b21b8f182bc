"""Each rule refuses its example and lets the near one pass; what the platform takes, all rules take."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from mlstack_gcp.rehearsal import GcpEmulation
from mlstack_gcp.rehearsal.kinds import KINDS
from mlstack_gcp.rehearsal.rules import RULES, View

from mlstack.resource import UNKNOWN

from .estate import ESTATE
from .examples import EXAMPLES, Example
from .sound import MESSAGES, SOUND

_RULES = {one.code: one for one in RULES}


def _with(kind: str, path: str, value: Any) -> dict[str, Any]:
    found = copy.deepcopy(SOUND[kind])
    place, (*above, last) = found, path.split(".")
    for step in above:
        place = place.setdefault(step, {})
    if value is None:
        place.pop(last, None)
    else:
        place[last] = value
    return found


def test_each_rule_has_its_code_alone_an_example_and_a_source() -> None:
    assert len(_RULES) == len(RULES)
    assert {code for code, *_ in EXAMPLES} == set(_RULES)
    assert all(one.source for one in RULES)


@pytest.mark.drawn(of=2)
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: f"{one[0]}-{one[3]}"[:60])
def test_rule(example: Example, gcp: GcpEmulation) -> None:
    code, kind, path, wrong, right = example
    rule = _RULES[code]
    assert kind in rule.kinds
    refused = list(rule.judge(View(_with(kind, path, wrong))))
    assert refused, "the wrong example passes"
    assert all(where and text for where, text in refused)
    assert list(rule.judge(View(_with(kind, path, right)))) == []


@pytest.mark.parametrize("kind", SOUND)
def test_what_the_platform_takes_no_rule_refuses(kind: str, gcp: GcpEmulation) -> None:
    assert list(gcp.cloud.judge(kind, SOUND[kind])) == []


@pytest.mark.parametrize("kind", [one for one in MESSAGES if one != "aiplatform:DeployedModel"])
def test_sound_documents_parse_as_their_messages(kind: str) -> None:
    from mlstack_gcp.rehearsal import messages

    name = kind.partition(":")[2]
    assert messages.strict(name, MESSAGES[kind]).keys() == MESSAGES[kind].keys()


@pytest.mark.parametrize("kind", ESTATE)
def test_no_rule_judges_what_is_not_known(kind: str, gcp: GcpEmulation) -> None:
    """A preview in which nothing but the names is known is refused by no rule."""
    kept = set(KINDS[kind].parts(gcp.cloud, ESTATE[kind])) & {"name", "service", "type"}
    given = {key: value if key in kept else UNKNOWN for key, value in ESTATE[kind].items()}
    assert list(gcp.check(f"gcp:{kind}", given, known=False)) == []
    assert list(gcp.check(f"gcp:{kind}", dict.fromkeys(ESTATE[kind], UNKNOWN), known=False)) == []


def test_an_unknown_type_is_refused_plainly(gcp: GcpEmulation) -> None:
    (refusal,) = gcp.check("gcp:sql/database:Database", {}, known=True)
    assert "does not know the type gcp:sql/database:Database" in refusal.message
