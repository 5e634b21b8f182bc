"""The examples on each emulated cloud: made whole, unchanged, then gone but for what the platform keeps."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from tests.e2e.rehearsal.clouds import EXAMPLES
from tests.e2e.rehearsal.lives import lives
from tests.e2e.rehearsal.stage import Stage, example

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]


@pytest.mark.drawn(of=6)
@pytest.mark.parametrize(("cloud", "name"), [(cloud, name) for cloud in EXAMPLES for name in EXAMPLES[cloud]])
def test_an_example_is_made_stays_and_goes(tmp_path: Path, name: str, cloud: str) -> None:
    lives(example(tmp_path, name, cloud))


@pytest.mark.drawn(of=6)
def test_one_spec_is_on_three_clouds_at_once(tmp_path: Path) -> None:
    """From one folder, by three commands at a time; all are up before the first one is looked at again."""
    root = example(tmp_path, "multi-cloud").root
    stages = [Stage(root, ("--cloud", cloud)) for cloud in EXAMPLES]
    before = {each.name: each.read_bytes() for each in root.iterdir() if each.is_file()}
    meeting = Barrier(len(stages), timeout=600)
    with ThreadPoolExecutor(len(stages)) as pool:
        going = [pool.submit(lives, stage, meeting=meeting) for stage in stages]
        problems = [problem for each in going if (problem := each.exception()) is not None]
    if problems:
        raise BaseExceptionGroup("not all of them live", problems)
    assert {each.name: each.read_bytes() for each in root.iterdir() if each.is_file()} == before
