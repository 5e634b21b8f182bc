"""ARNs put together, and taken apart."""

from __future__ import annotations

from typing import Any

from mlstack.lowering.values import lift as lift  # its users have it from here


def partition(region: str) -> str:
    """The part of AWS's world that a region is in. Source: AWS General Reference, "Amazon Resource Names"."""
    beginnings = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
    return next((name for start, name in beginnings.items() if region.startswith(start)), "aws")


def domain(region: str) -> str:
    """What addresses of the region's services end in."""
    return "amazonaws.com.cn" if partition(region) == "aws-cn" else "amazonaws.com"


def last(arn: Any) -> Any:
    """The name at the end of an ARN (``…:role/path/NAME``, ``arn:aws:s3:::NAME``), or a plain name itself."""
    return lift(arn, lambda text: text.rsplit(":", 1)[-1].rsplit("/", 1)[-1])
