"""The conformance suite as a pytest class.

    from mlstack.testing import Conformance

    class TestMine(Conformance):
        provider = Mine()

A field that the provider does not account for yet is named in ``pending`` with the reason: its test is
expected to fail, strictly, so that the entry goes when the gap does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from mlstack.provider import Provider
from mlstack.testing import accounts, checks
from mlstack.testing.cases import all_fields, find
from mlstack.testing.fields import SpecField


class Conformance:
    """Subclass it, name the class ``Test…``, and set ``provider``."""

    provider: ClassVar[Provider]
    #: Field path -> why it is not accounted for yet.
    pending: ClassVar[Mapping[str, str]] = {}

    def pytest_generate_tests(self, metafunc: Any) -> None:
        import pytest

        provider = metafunc.cls.provider
        every = all_fields(provider)
        tables: dict[str, list[Any]] = {
            "kind": list(provider.builders),
            "unsupported": list(provider.unsupported),
            "field": every,
            "text": [field for field in every if field.takes_outputs],
        }
        for name, values in tables.items():
            if name in metafunc.fixturenames:
                cases = [
                    pytest.param(
                        value,
                        id=str(value),
                        marks=[pytest.mark.xfail(reason=self.pending[str(value)], strict=True)]
                        if name == "field" and str(value) in self.pending
                        else [],
                    )
                    for value in values
                ]
                metafunc.parametrize(name, cases)

    def test_every_kind_is_built_or_refused(self) -> None:
        _none(checks.declared(self.provider))

    def test_it_is_found_by_its_entry_point_and_imports_no_pulumi(self) -> None:
        _none(checks.found_by_entry_point(self.provider))

    def test_what_the_tables_name_is_there(self) -> None:
        _none(checks.resolvable(self.provider))

    def test_settings_are_optional_and_strict(self) -> None:
        _none(checks.settings(self.provider))

    def test_pending_fields_are_fields(self) -> None:
        _none(f"the spec has no {path!r}" for path in self.pending if find(path) is None)

    def test_a_kind_builds(self, kind: str, tmp_path: Path) -> None:
        _none(checks.builds(self.provider, kind, tmp_path))

    def test_a_kind_builds_the_same_again(self, kind: str, tmp_path: Path) -> None:
        _none(checks.repeatable(self.provider, kind, tmp_path / "here", tmp_path / "there"))

    def test_what_is_unsupported_is_refused(self, unsupported: str, tmp_path: Path) -> None:
        _none(checks.refused(self.provider, unsupported, tmp_path))

    def test_a_field_is_accounted_for(self, field: SpecField, tmp_path: Path) -> None:
        _none(accounts.accounted(self.provider, field, tmp_path))

    def test_an_output_arrives(self, text: SpecField, tmp_path: Path) -> None:
        _none(accounts.takes_outputs(self.provider, text, tmp_path))


def _none(problems: Iterator[str]) -> None:
    found = list(problems)
    if found:
        raise AssertionError("\n".join(found))
