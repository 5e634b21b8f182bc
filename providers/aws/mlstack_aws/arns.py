"""ARNs put together, and taken apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mlstack.spec import is_deferred


def partition(region: str) -> str:
    """The part of AWS's world that a region is in. Source: AWS General Reference, "Amazon Resource Names"."""
    beginnings = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
    return next((name for start, name in beginnings.items() if region.startswith(start)), "aws")


def domain(region: str) -> str:
    """What addresses of the region's services end in."""
    return "amazonaws.com.cn" if partition(region) == "aws-cn" else "amazonaws.com"


def lift(value: Any, change: Callable[[str], Any]) -> Any:
    """The change of a text, whether it is known now or only when the program runs."""
    if is_deferred(value):
        import pulumi

        return pulumi.Output.from_input(value).apply(lambda text: change(str(text)))
    return change(str(value))


def last(arn: Any) -> Any:
    """The name at the end of an ARN (``…:role/path/NAME``, ``arn:aws:s3:::NAME``), or a plain name itself."""
    return lift(arn, lambda text: text.rsplit(":", 1)[-1].rsplit("/", 1)[-1])
