"""A change of what a stack has one of: previewed on a stack that is up, one field at a time.

Where new things come in place of old ones it is applied, too, and taken back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.changes.apply import VARIABLES, by_component
from tests.changes.clouds import CLOUDS
from tests.changes.table import Case, Changes, laid
from tests.e2e.rehearsal.stage import Stage

pytestmark = [pytest.mark.engine, pytest.mark.drawn(of=8), pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    cloud: Changes = request.param
    stage = Stage(tmp_path_factory.mktemp("whole"), ("--cloud", cloud.cloud), VARIABLES)
    stage.write(cloud.whole.base)
    stage.up()
    yield stage
    stage.write(cloud.whole.base)
    stage.down()


@pytest.mark.parametrize(
    ("stage", "cloud", "case"),
    [
        pytest.param(cloud, cloud, case, id=f"{cloud.cloud}-{case.field}")
        for cloud in CLOUDS
        for case in cloud.whole.cases
    ],
    indirect=["stage"],
)
def test_a_change_of_the_whole_does_what_the_platform_would(stage: Stage, cloud: Changes, case: Case) -> None:
    stage.write(laid(cloud.whole.base, case.after))
    assert case.wrong(_happens(stage("preview"), cloud)) is None
    if case.applied:
        confirmed = ("--confirm", f"dev-{cloud.cloud}")
        assert case.wrong(_happens(stage.up(*confirmed), cloud)) is None
        assert _happens(stage("preview"), cloud) == Counter(), "once applied, nothing is left to change"
        stage.write(cloud.whole.base)
        stage.up(*confirmed)


def _happens(answer: Mapping[str, Any], cloud: Changes) -> Counter[str]:
    return sum(by_component(answer, cloud.ours).values(), Counter[str]())
