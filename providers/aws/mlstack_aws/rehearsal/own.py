"""What the emulated AWS answers: the rules first, then own documents where moto lacks an operation, else
moto, whose answers are made whole where it leaves something out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mlstack.rehearsal import CloudFault
from mlstack_aws.rehearsal import running, sagemaker, wire
from mlstack_aws.rehearsal.rules import hindered, judged, model

if TYPE_CHECKING:
    from moto.core.request import Request as MotoRequest

    from mlstack_aws.rehearsal.cloud import Cloud


def answer(cloud: Cloud, asked: wire.Called, request: MotoRequest) -> wire.Answered:
    """CloudFault: refused."""
    service = asked.service
    if service == "sagemaker-runtime":
        return running.invoked(cloud, asked, request)
    speaks_json = wire.model(service).metadata["protocol"] in ("json", "rest-json")
    if speaks_json and asked.changing:
        for path, what in _wrong(asked):
            raise _Invalid(service, path, what)
    if asked.changing:
        hindered(cloud, service, asked.operation, asked.parameters, asked.region)
    if service == "sagemaker":
        return sagemaker.answer(cloud, asked, request)
    if service == "codebuild":
        return running.built(cloud, asked, request)
    if service == "s3" and not asked.operation.endswith("BucketPolicy"):
        with _unguarded(cloud):
            return wire.by_moto(request, service)
    return wire.by_moto(request, service)


@contextmanager
def _unguarded(cloud: Cloud) -> Iterator[None]:
    """moto reads a bucket's policy without its conditions and principals, so that "only by TLS" shuts out
    all: it does not see the policy while it answers. Who may do what is not emulated."""
    backend: Any = cloud.holding.backend("s3", "aws")
    policies = {name: bucket.policy for name, bucket in backend.buckets.items() if bucket.policy is not None}
    for name in policies:
        backend.buckets[name].policy = None
    try:
        yield
    finally:
        for name, policy in policies.items():
            if name in backend.buckets:
                backend.buckets[name].policy = policy


def _wrong(asked: wire.Called) -> list[tuple[str, str]]:
    service, operation = asked.service, asked.operation
    if operation not in wire.model(service).operation_names:
        return []
    found = [(path, what) for path, what, _ in judged(service, operation, asked.parameters)]
    shape = wire.model(service).operation_model(operation).input_shape
    return found or list(model.problems(shape, asked.parameters))


class _Invalid(CloudFault):
    def __init__(self, service: str, path: str, what: str) -> None:
        code = {"codebuild": "InvalidInputException", "ecr": "InvalidParameterException"}.get(
            service, "ValidationException"
        )
        super().__init__(400, code, f"1 validation error detected: {path}: {what}")
