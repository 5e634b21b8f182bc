"""The tables of changes on AWS: as CloudFormation's resource types and terraform-provider-aws's code say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.changes import table

_HERE = Path(__file__).parent
_PLACE: dict[str, Any] = {"version": 1, "name": "changes", "cloud": "aws", "region": "eu-west-1"}
_BASE: dict[str, Any] = {
    **_PLACE,
    "settings": {"aws": {"role_arn": "arn:aws:iam::123456789012:role/ml"}},
    "workspace": {"existing": "ml-bucket"},
    "environments": {"base": {"image": "763104351884.dkr.ecr.eu-west-1.amazonaws.com/it:1"}},
}
TABLES = table.tables(_HERE, _BASE)
#: Of what a stack has one of: a workspace of its own, with all that belongs to it.
WHOLE = table.whole(_HERE / "whole.yaml", _PLACE)
#: Resources of mlstack's own, of which a run is counted where it shows: on the platform.
OURS = ("Upload", "Job")
