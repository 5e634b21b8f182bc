"""Mistakes in specs and native blocks: a rehearsed preview, without an account, names the field, its line and
the remedy.

A target with a rehearsal has a table beside its tests, from the cloud's documents and the SDK's types.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mistakes.asking import ask, lacking
from tests.mistakes.table import Mistake, mistakes, parameters, sound

_ROOT = Path(__file__).parents[2]
FOLDERS = {
    path.parents[3].name: path.parent
    for path in sorted(_ROOT.glob("providers/*/tests/rehearsal/mistakes/mistakes.yaml"))
}

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("cloud", FOLDERS)
def test_the_stack_is_sound_without_them(cloud: str, tmp_path: Path) -> None:
    answer = ask(tmp_path, sound(FOLDERS[cloud]))
    assert answer.code == 0, answer.body


@pytest.mark.parametrize("cloud", ["aws", "azure", "gcp"])
def test_there_are_enough(cloud: str) -> None:
    assert len(mistakes(FOLDERS[cloud])) >= 30


@pytest.mark.drawn(of=6)
@pytest.mark.parametrize(
    ("cloud", "mistake"),
    [each for cloud, folder in FOLDERS.items() for each in parameters(cloud, mistakes(folder))],
)
def test_a_mistake_is_named_with_its_remedy(cloud: str, mistake: Mistake, tmp_path: Path) -> None:
    answer = ask(tmp_path, sound(FOLDERS[cloud]), mistake)
    assert answer.code in (1, 2, 3, 4), answer.body
    assert not (lacks := lacking(answer, mistake)), "\n".join(lacks)
