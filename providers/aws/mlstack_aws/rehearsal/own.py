"""What the emulated AWS answers: its own documents where moto lacks an operation, moto for the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlstack_aws.rehearsal import wire

if TYPE_CHECKING:
    from moto.core.request import Request as MotoRequest

    from mlstack_aws.rehearsal.cloud import Cloud


def answer(cloud: Cloud, asked: wire.Called, request: MotoRequest) -> wire.Answered:
    """CloudFault: refused."""
    return wire.by_moto(request, asked.service)
