"""A change of what a stack has one of: previewed on a stack that is up, one field at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.changes.apply import VARIABLES, by_component
from tests.changes.table import Case, laid
from tests.e2e.rehearsal.stage import Stage

from .table import OURS, WHOLE

pytestmark = [pytest.mark.engine, pytest.mark.drawn(of=4)]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    stage = Stage(tmp_path_factory.mktemp("whole"), ("--cloud", "aws"), VARIABLES)
    stage.write(WHOLE.base)
    stage.up()
    yield stage
    stage.write(WHOLE.base)
    stage.down()


@pytest.mark.parametrize("case", WHOLE.cases, ids=lambda case: case.field)
def test_a_change_of_the_whole_does_what_the_platform_would(case: Case, stage: Stage) -> None:
    stage.write(laid(WHOLE.base, case.after))
    happened = sum(by_component(stage("preview"), OURS).values(), Counter[str]())
    assert case.wrong(happened) is None
