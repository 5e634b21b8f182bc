"""Property values to the wire and back, and what the SDK itself makes of them."""

from __future__ import annotations

import math
from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime import rpc

from mlstack.plugin import wire
from mlstack.resource import UNKNOWN

NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
LEAVES = st.none() | st.booleans() | NUMBERS | TEXTS
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
PROPERTIES = st.dictionaries(TEXTS, VALUES, max_size=5)


def whole(value: Any) -> Any:
    """The value with whole floating-point numbers as integers, as the wire cannot tell them apart."""
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        return int(value)
    if isinstance(value, dict):
        return {key: whole(item) for key, item in value.items()}
    return [whole(item) for item in value] if isinstance(value, list) else value


@given(PROPERTIES)
def test_what_is_encoded_decodes_to_itself(properties: dict[str, Any]) -> None:
    sent = Struct.FromString(wire.encode(properties).SerializeToString())
    decoded, secrets = wire.decode(sent)
    assert decoded == whole(properties)
    assert secrets == frozenset()


@given(PROPERTIES, st.data())
def test_secrets_keep_their_names_and_values(properties: dict[str, Any], data: st.DataObject) -> None:
    marked = data.draw(st.frozensets(st.sampled_from(sorted(properties)))) if properties else frozenset()
    decoded, secrets = wire.decode(wire.encode(properties, marked))
    assert decoded == whole(properties)
    assert secrets == {name for name in marked if properties[name] is not None}


def test_whole_numbers_are_integers_and_booleans_stay_booleans() -> None:
    decoded, _ = wire.decode(wire.encode({"a": 3.0, "b": 3.5, "c": True, "d": math.inf}))
    assert [type(decoded[key]) for key in "abcd"] == [int, float, bool, float]


def test_unknown_values_are_one_object_wherever_they_are() -> None:
    decoded, _ = wire.decode(wire.encode({"a": UNKNOWN, "b": [{"c": UNKNOWN}]}))
    assert decoded["a"] is UNKNOWN
    assert decoded["b"][0]["c"] is UNKNOWN
    assert wire.has_unknown(decoded["b"])
    assert not wire.has_unknown({"b": [1, (2, "x")]})


def test_the_sdk_reads_our_marks() -> None:
    properties = rpc.deserialize_properties(
        wire.encode({"plain": 1, "key": "s3cret", "later": UNKNOWN}, frozenset({"key"})), keep_unknowns=True
    )
    assert rpc.is_rpc_secret(properties["key"])
    assert rpc.unwrap_rpc_secret(properties["key"]) == "s3cret"
    assert not rpc.is_rpc_secret(properties["plain"])
    assert rpc.contains_unknowns(properties["later"])
    assert not rpc.contains_unknowns(properties["plain"])


def test_a_secret_deep_within_marks_the_whole_property() -> None:
    inner = wire.encode({"password": "s3cret"}, frozenset({"password"}))
    outer = Struct()
    outer.fields["env"].struct_value.CopyFrom(inner)
    outer.fields["name"].string_value = "plain"
    decoded, secrets = wire.decode(outer)
    assert decoded == {"env": {"password": "s3cret"}, "name": "plain"}
    assert secrets == {"env"}


@pytest.mark.parametrize(("known", "secret"), [(True, False), (True, True), (False, False), (False, True)])
def test_output_values_are_unwrapped(known: bool, secret: bool) -> None:
    output: dict[str, Any] = {wire.SIGNATURE: "d0e6a833031e9bbcd3f4e8bde6ca49a4", "secret": secret}
    if known:
        output["value"] = {"x": 1}
    decoded, secrets = wire.decode(wire.encode({"o": output}))
    assert decoded == {"o": {"x": 1} if known else UNKNOWN}
    assert secrets == ({"o"} if secret else set())


def test_what_no_property_can_hold_is_refused() -> None:
    with pytest.raises(TypeError, match="a property cannot hold set"):
        wire.encode({"a": {1, 2}})
