"""The base of every provider, and what a builder is given."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import ValidationError

from mlstack.errors import UsageError
from mlstack.provider import OUTPUTS, Build, Capabilities, Provider, Settings
from mlstack.runtime import Site
from mlstack.spec import KINDS


class Mine(Provider):
    name = "mine"
    builders: ClassVar = {"data": "pathlib:Path", "models": "mlstack_nowhere:build"}
    unsupported: ClassVar = {"jobs": "it runs nothing"}
    resources: ClassVar = {"mlstack:mine:Thing": "collections:OrderedDict"}

    def capabilities(self) -> Capabilities:
        return Capabilities()

    def runtime(self, site: Site) -> Any:
        raise AssertionError("never asked")


def test_a_builder_is_imported_when_it_is_asked_for() -> None:
    builder: object = Mine().builder("data")
    assert builder is Path
    with pytest.raises(ModuleNotFoundError, match="mlstack_nowhere"):
        Mine().builder("models")


def test_a_resource_is_made_from_its_type_token() -> None:
    made: object = Mine().resource("mlstack:mine:Thing")
    assert isinstance(made, OrderedDict)
    with pytest.raises(UsageError, match=r"the mine provider has no resource of type 'mlstack:mine:Other'"):
        Mine().resource("mlstack:mine:Other")


def test_by_default_nothing_more_is_refused_and_there_are_no_settings() -> None:
    assert list(Mine().validate(None)) == []  # type: ignore[arg-type]
    assert Mine.Settings.model_validate({}) == Settings()
    with pytest.raises(ValidationError):
        Mine.Settings.model_validate({"colour": "red"})


def test_an_incomplete_provider_cannot_be_made() -> None:
    class Half(Provider):
        name = "half"

    with pytest.raises(TypeError, match="abstract"):
        Half()  # type: ignore[abstract]


def test_every_kind_has_outputs_and_only_kinds_do() -> None:
    assert OUTPUTS.keys() == KINDS.keys()
    assert all(names for names in OUTPUTS.values())


def test_children_are_named_after_their_parent() -> None:
    unused: Any = None
    build = Build(
        kind="data",
        name="rows",
        spec=unused,
        parent=unused,
        stack_uid="1234abcd",
        root=Path(),
        settings=unused,
        outputs=unused,
        spec_of=unused,
        warn=unused,
    )
    assert build.child() == "rows"
    assert build.child("copy", "role") == "rows-copy-role"
    assert build.consumed
