"""What a state holds is imported before the program begins, whatever else it names."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mlstack.engine.warm import warm


@pytest.fixture
def sdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An SDK of a name that nothing else has, with a module and a version of another."""
    for module in ("", "plain", "apps", "apps/v1", "broken"):
        folder = tmp_path / "pulumi_some_cloud" / module
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text("1 / 0\n" if module == "broken" else "")
    monkeypatch.syspath_prepend(str(tmp_path))
    return "pulumi_some_cloud"


def test_modules_of_held_types_are_there_when_the_program_begins(sdk: str) -> None:
    held = {"some-cloud:plain:One", "some-cloud:plain/one:One", "some-cloud:apps/v1:Two"}
    seen: list[str] = []
    warm(lambda: seen.extend(name for name in sys.modules if name.startswith(sdk)), held)()
    assert set(seen) == {sdk, f"{sdk}.plain", f"{sdk}.apps", f"{sdk}.apps.v1"}


def test_what_is_no_module_or_cannot_be_imported_is_the_programs_matter(sdk: str) -> None:
    held = {"some-cloud:broken:One", "some-cloud:absent:One", "other:none:One", "mlstack:index:Endpoint",
            "pulumi:pulumi:Stack", "mlstack:aws:Switch"}  # fmt: skip
    ran: list[bool] = []
    warm(lambda: ran.append(True), held)()
    assert ran == [True]
