"""Names, variables, and values that are known only later."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from mlstack.spec import Data, Job, Name, Value


class Later:
    """Shaped like an Output, and hostile to whoever looks into it."""

    def apply(self, function: object) -> object:
        raise AssertionError("nobody is to look into it")

    def __str__(self) -> str:
        raise AssertionError("nobody is to write it down")


@pytest.mark.parametrize("name", ["a", "digits", "hf-token", "a1-", "a" * 31])
def test_a_name_is_kept(name: str) -> None:
    assert TypeAdapter[str](Name).validate_python(name) == name


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("Digits", "'digits' would do"),
        ("my_env", "'my-env' would do"),
        ("9lives", "'lives' would do"),
        ("a" * 32, f"'{'a' * 31}' would do"),
        ("", "begins with a small letter"),
        ("größe", "begins with a small letter"),
        ("a\n", "'a' would do"),
    ],
)
def test_a_bad_name_is_refused_with_a_better_one(name: str, better: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter[str](Name).validate_python(name)
    (error,) = caught.value.errors()
    assert error["type"] == "bad-name"
    assert better in error["ctx"]["remedy"]


def test_a_deferred_value_is_kept_as_it_is() -> None:
    later = Later()

    assert Data(path=later, type="file").path is later
    assert Job(command="run", env={"A": later}).env["A"] is later
    assert Value(value=later).value is later
    assert Data(path=later, type="file").model_dump()["path"] is later


def test_a_deferred_value_is_never_written_as_json() -> None:
    with pytest.raises(PydanticSerializationError, match="only when the program runs"):
        Data(path=Later(), type="file").model_dump_json()


@pytest.mark.parametrize(
    ("value", "remedy"), [(2, '"2"'), (1.5, '"1.5"'), (True, '"true"'), (None, "string"), (Later, "s")]
)
def test_text_is_never_made_of_something_else(value: object, remedy: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Job(command="run", env={"A": value})
    (error,) = caught.value.errors()
    assert error["type"] == "not-text"
    assert remedy in error["ctx"]["remedy"]


def test_names_of_variables_are_checked() -> None:
    with pytest.raises(ValidationError, match="bad-variable"):
        Job(command="run", env={"2-BAD": "x"})


def test_a_hostile_value_is_quoted_briefly() -> None:
    deep: list[object] = []
    for _ in range(40):
        deep = [deep] * 9
    with pytest.raises(ValidationError) as caught:
        Job(command="run", env={"A": deep})
    assert len(caught.value.errors()[0]["msg"]) < 100


def test_the_spec_needs_pydantic_alone() -> None:
    program = "import sys, mlstack.spec, mlstack.graph; print({name.split('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert "pydantic" in done.stdout
    for heavy in ("pulumi", "grpc", "ruamel", "typer", "rich", "asyncio"):
        assert f"'{heavy}'" not in done.stdout
