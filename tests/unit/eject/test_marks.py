"""What a program makes of an output is written as what it makes of it: true for other values too."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct
from hypothesis import given, settings
from hypothesis import strategies as st

from mlstack.eject.layout import flat, literal
from mlstack.eject.marks import Leaf, Marks, plain
from mlstack.eject.values import Writer
from mlstack.plugin.wire import SECRET, SIGNATURE, UNKNOWN_TEXT

LEAF = Leaf("x", ("id",), False)
NAMES = st.text("abcdefgh-_.", min_size=1, max_size=6).filter(lambda text: text.strip("-_.") != "")
IDS = st.lists(NAMES, min_size=2, max_size=2).map(lambda two: f"/groups/{two[0]}/machines/{two[1]}")

#: What builders do with ids.
DEEDS: dict[str, Callable[[str], str]] = {
    "as it is": lambda id: id,
    "something before": lambda id: f"keyvault:{id}",
    "something after": lambda id: f"{id}/versions/1",
    "around": lambda id: f"{{{id}}}",
    "twice": lambda id: f"{id} and {id}",
    "the last": lambda id: id.rstrip("/").rsplit("/", 1)[-1],
    "by its key": lambda id: id.split("/")[id.split("/").index("groups") + 1],
    "what is above": lambda id: id.partition("/machines/")[0] + "/roles/reader",
    "the last and what is above": lambda id: f"{id.split('/')[-1]}.{id.split('/')[2]}",
}


def written(marks: Marks, sent: Any, marked: Any, **more: Any) -> str:
    writer = Writer(marks, lambda leaf: leaf.owner, lambda cls: cls.__name__, **more)
    return flat(writer.write(sent, marked))


def value(expression: str, **outputs: Any) -> Any:
    """What an expression comes to, by Pulumi's own Outputs."""

    async def evaluated() -> Any:
        known = {name: pulumi.Output.from_input(each) for name, each in outputs.items()}
        made = eval(expression, {"pulumi": pulumi, **known})
        return await pulumi.Output.from_input(made).future()

    loop = asyncio.new_event_loop()  # and not `run`, which leaves the thread without one
    try:
        return loop.run_until_complete(evaluated())
    finally:
        loop.close()


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
@settings(max_examples=20, deadline=None)
@given(now=IDS, later=IDS)
def test_an_expression_holds_for_another_value_of_the_output(
    deed: Callable[[str], str], now: str, later: str
) -> None:
    marks = Marks()
    marked = deed(marks.mark(LEAF, now))
    assert plain(marked) == deed(now)

    expression = written(marks, deed(now), marked)

    assert value(expression, x=now) == deed(now)
    assert value(expression, x=later) == deed(later)


def test_what_the_program_computed_is_a_constant() -> None:
    marks = Marks()
    reverse = "".join(reversed(marks.mark(LEAF, "abc")))
    assert written(marks, "cba", reverse) == '"cba"'


def test_what_is_equal_by_chance_is_a_constant() -> None:
    marks = Marks()
    marks.mark(LEAF, "westeurope")
    assert written(marks, "westeurope", "westeurope") == '"westeurope"'


def test_what_the_program_cannot_reach_is_a_constant() -> None:
    marks = Marks()
    marked = marks.mark(LEAF, "abc")
    writer = Writer(marks, lambda _leaf: None, lambda cls: cls.__name__)
    assert writer.write("abc", marked) == '"abc"'


@pytest.mark.parametrize(
    "text", ["12", "1.5", "2026-01-31T00:00:00Z", '{"a": 1}', "two words", "", UNKNOWN_TEXT]
)
def test_what_code_may_read_otherwise_has_no_marks(text: str) -> None:
    assert Marks().mark(LEAF, text) == text


def test_outputs_are_keys_of_a_mapping() -> None:
    marks = Marks()
    one, two = (marks.mark(Leaf(name, ("name",), False), f"{name}-1") for name in "ab")

    single = written(marks, {"a-1": 100}, {one: 100})
    both = written(marks, {"a-1": 90, "b-1": 10}, {one: 90, two: 10})

    assert single == "a.apply(lambda key: {key: 100})"
    assert value(single, a="z") == {"z": 100}
    assert value(both, a="y", b="z") == {"y": 90, "z": 10}


def test_lists_and_mappings_hold_references() -> None:
    marks = Marks()
    marked = marks.mark(LEAF, "/groups/g/machines/m")
    sent = {"names": ["m", "other"], "count": 2.0, "on": True, "none": None}

    expression = written(marks, sent, {**sent, "names": [marked.split("/")[-1], "other"]})

    assert value(expression, x="/groups/g/machines/n") == {**sent, "names": ["n", "other"]}
    assert '"count": 2' in expression


# Secrets.


def secret(inner: Any) -> dict[str, Any]:
    return {SIGNATURE: SECRET, "value": inner}


def test_a_secret_comes_from_where_it_is() -> None:
    marks = Marks()
    shown = marks.mark(Leaf("shown", ("key",), False), "k-1")
    hidden = marks.mark(Leaf("hidden", ("key",), True), "k-2")
    known = {"v-1": "TOKEN"}

    assert written(marks, secret("k-1"), secret(shown)) == "pulumi.Output.secret(shown)"
    assert written(marks, secret("k-2"), secret(hidden)) == "hidden"
    assert written(marks, "k-2", hidden) == "pulumi.Output.unsecret(hidden)"
    assert written(marks, secret("v-1"), secret("v-1"), secrets=known) == (
        'pulumi.Output.secret(os.environ["TOKEN"])'
    )


@pytest.mark.parametrize("inner", ["canary", {"a": "canary"}, ["canary"], {"a": {"b": 4711}}])
def test_a_secret_of_nowhere_is_asked_for_and_never_written(inner: Any) -> None:
    asked: list[str] = []
    writer = Writer(Marks(), lambda leaf: leaf.owner, lambda cls: cls.__name__, {}, asked)

    expression = flat(writer.write(secret(inner), secret(inner), (), "train-token"))

    kind = "secret" if isinstance(inner, str) else "secret_object"
    assert expression == f'config.require_{kind}("train-token")'
    assert asked == ["train-token"]


def test_a_constant_beside_a_piece_of_a_secret_is_not_written() -> None:
    marks = Marks()
    marked = marks.mark(Leaf("host", ("name",), False), "host-1")
    text = flat(
        Writer(marks, lambda leaf: leaf.owner, lambda cls: cls.__name__).write(
            secret("user:canary@host-1"), secret(f"user:canary@{marked}"), (), "url"
        )
    )
    assert text == 'config.require_secret("url")'


def test_a_text_around_a_secret_is_written() -> None:
    marks = Marks()
    marked = marks.mark(Leaf("key", ("key",), False), "k-1")
    hidden = frozenset(marks.made_secret({"key": secret(marked), "curl": [secret(f"curl -H {marked}")]}))

    text = written(marks, secret("curl -H k-1"), secret(f"curl -H {marked}"), hidden=hidden)

    assert text == 'pulumi.Output.secret(pulumi.Output.concat("curl -H ", key))'
    assert hidden == {Leaf("key", ("key",), False)}


def test_one_secret_makes_the_whole_property_one() -> None:
    marks = Marks()
    outputs = Struct()
    outputs.update({"open": "abc", "keys": {"name": "def", "key": secret("ghi")}})

    marks.mark_all("x", outputs)

    assert {leaf.path: leaf.secret for leaf, _ in marks.leaves} == {
        ("open",): False,
        ("keys", "name"): True,
        ("keys", "key"): True,
    }
    assert plain(MessageToDict(outputs)["keys"]["key"]["value"]) == "ghi"


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_a_literal_is_what_it_was(constant: Any) -> None:
    if isinstance(constant, list):
        return
    assert eval(flat(literal(constant))) == constant
