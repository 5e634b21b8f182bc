"""Physical names: what no hash may make of them."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pulumi
from mlstack_azure.names import physical
from pulumi.runtime import mocks

from mlstack.provider import Build


class Nothing(mocks.Mocks):
    def call(self, args: mocks.MockCallArgs) -> Any:
        return {}

    def new_resource(self, args: mocks.MockResourceArgs) -> Any:
        return args.name, {}


def test_no_name_ends_in_a_hyphen_and_digits() -> None:
    # One of its own: a test before this one in the same process may have closed the thread's.
    asyncio.set_event_loop(asyncio.new_event_loop())
    pulumi.runtime.set_mocks(Nothing())
    made = []
    for number in range(300):
        build = SimpleNamespace(stack_uid=f"{number:08x}", kind="compute", name="pool", root=Path())
        made.append(physical(cast("Build", build), longest=24))
    assert len(set(made)) == len(made)
    assert not [name for name in made if re.search(r"-\d+$", name)]
