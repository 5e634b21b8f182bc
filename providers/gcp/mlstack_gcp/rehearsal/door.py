"""The REST door: all of Google's services at one address, told apart by their paths, as one WSGI app."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from mlstack.rehearsal import CloudFault
from mlstack.rehearsal.wsgi import Answer, Request
from mlstack_gcp.rehearsal import around, builds, gcs, vertex
from mlstack_gcp.rehearsal.cloud import Cloud
from mlstack_gcp.rehearsal.refusals import Refused, status

_SERVICES = (gcs.serve, builds.serve, around.serve, vertex.serve)


class Door:
    """Paths are Google's own (/v1/projects/…, /storage/v1/b/…): no two services share one."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request.of(environ)
        try:
            answer = self._answer(request)
        except CloudFault as fault:
            content = status(fault.status, fault.code, fault.message, old=getattr(fault, "old", False))
            answer = Answer(fault.status, content, {"Content-Type": "application/json; charset=UTF-8"})
        return answer.send(start_response, request.method)

    def _answer(self, request: Request) -> Answer:
        for serve in _SERVICES:
            answer = serve(self._cloud, request)
            if answer is not None:
                return answer
        raise Refused("NOT_FOUND", f"The requested URL {request.method} {request.path} was not found here.")
