"""Every field that becomes something on a cloud is in its table of changes, or is left out for a reason."""

from __future__ import annotations

import pytest

from tests.changes.clouds import CLOUDS
from tests.changes.fields import missing, unknown
from tests.changes.table import Changes

pytestmark = pytest.mark.parametrize("cloud", CLOUDS, ids=lambda cloud: cloud.cloud)


def test_every_built_field_is_changed_or_left_out_for_a_reason(cloud: Changes) -> None:
    changed = {case.field for table in (*cloud.tables, cloud.whole) for case in table.cases}
    assert missing(cloud.cloud, changed, cloud.left_out) == set()


def test_what_is_left_out_is_built(cloud: Changes) -> None:
    assert unknown(cloud.cloud, cloud.left_out) == set()
