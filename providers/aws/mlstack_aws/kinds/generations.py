"""Names that are new whenever what they name is new.

SageMaker changes neither a model nor an endpoint's configuration: another one is made beside it, under
another name, and the old one goes when nothing serves from it any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack.provider import Build
from mlstack_aws.names import LONGEST, physical


def name(build: Build, type: str, *parts: str, content: Mapping[str, Any]) -> pulumi.Output[str]:
    """The name of the child of this type, called after ``parts``, that holds this content, Outputs among it.

    What is passed to it natively is part of it.
    """
    block = build.spec.native.get("aws") or {}
    addresses = (type, f"{type}[{'-'.join(parts)}]")
    held = {**content, "native": {key: block[key] for key in addresses if key in block}}
    return pulumi.Output.json_dumps(held, sort_keys=True).apply(
        lambda text: physical(build, *parts, longest=LONGEST, generation=text)
    )
