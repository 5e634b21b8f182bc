"""A gap resource in a program: what it registers, and what its outputs are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest

from mlstack.gap import GapResource
from mlstack.registry import provider
from mlstack.resource import UNKNOWN
from mlstack.testing import discoverable, record

EXAMPLE = Path(__file__).parents[2] / "examples" / "provider"
COPY = "mlstack:folder:Copy"
INPUTS = {"name": "rows", "source": "rows.csv", "version": "1", "folder": "shared"}


@pytest.fixture(autouse=True)
def _folder() -> Iterator[None]:
    with discoverable(EXAMPLE):
        yield


def registered(program: Any, root: Path) -> dict[str, Any]:
    """By name, what a program registers."""
    recording = record(provider("folder"), program, root)
    return {resource.name: resource for resource in recording.resources.values()}


def test_inputs_are_sent_and_outputs_are_not(tmp_path: Path) -> None:
    made = registered(lambda: GapResource(COPY, "rows", INPUTS, outputs=("uri",)), tmp_path)
    assert (made["rows"].type, made["rows"].custom) == (COPY, True)
    assert made["rows"].inputs == INPUTS


def test_an_output_flows_into_another_resource(tmp_path: Path) -> None:
    def program() -> None:
        rows = GapResource(COPY, "rows", INPUTS, outputs=("uri",))
        GapResource(COPY, "again", {**INPUTS, "source": rows.output("uri"), "name": rows.output("name")})

    made = registered(program, tmp_path)
    assert made["again"].inputs["source"] is UNKNOWN  # only the apply can tell
    assert made["again"].inputs["name"] == "rows"  # an input is an output too
    assert made["again"].origins["source"] == [made["rows"].urn]


def test_secret_inputs_stay_secret(tmp_path: Path) -> None:
    def program() -> None:
        GapResource(COPY, "rows", {**INPUTS, "source": pulumi.Output.secret("rows.csv")})

    made = registered(program, tmp_path)
    assert made["rows"].secrets == {"source"}
    assert made["rows"].inputs["source"] == "rows.csv"


def test_an_output_that_was_not_named_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(AttributeError, match="uri"):
        registered(lambda: GapResource(COPY, "rows", INPUTS).output("uri"), tmp_path)
