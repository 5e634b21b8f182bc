"""Mistakes in specs and native blocks: a rehearsed preview, without an account, names the field, its line and
the remedy.

`mistakes.yaml` says what is expected; it was written from the platform's documents and the SDK's types.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mistakes.asking import ask, lacking
from tests.mistakes.table import Mistake, mistakes, parameters, sound

HERE = Path(__file__).parent
MISTAKES = mistakes(HERE)

pytestmark = pytest.mark.engine


def test_the_stack_is_sound_without_them(tmp_path: Path) -> None:
    answer = ask(tmp_path, sound(HERE))
    assert answer.code == 0, answer.body


def test_there_are_enough() -> None:
    assert len(MISTAKES) >= 30


@pytest.mark.drawn
@pytest.mark.parametrize("mistake", parameters(MISTAKES))
def test_a_mistake_is_named_with_its_remedy(mistake: Mistake, tmp_path: Path) -> None:
    answer = ask(tmp_path, sound(HERE), mistake)
    assert answer.code in (1, 2, 3, 4), answer.body
    assert not (lacks := lacking(answer, mistake)), "\n".join(lacks)
