"""Azure's own clients, pointed at the emulated cloud on loopback."""

from __future__ import annotations

import time
from typing import Any

from azure.core.credentials import AccessToken
from azure.core.pipeline.policies import HeadersPolicy, RequestIdPolicy
from azure.core.pipeline.transport import RequestsTransport
from azure.core.polling import LROPoller
from azure.core.rest import HttpRequest, HttpResponse
from azure.mgmt.core import ARMPipelineClient
from azure.mgmt.core.polling.arm_polling import ARMPolling

VERSION = "2025-12-01"
PUBLIC = "https://management.azure.com"
BEARER = {"Authorization": "Bearer rehearsal"}


class Anybody:
    """A credential that anything accepts."""

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        return AccessToken("rehearsal", int(time.time()) + 3600)


class Loopback(RequestsTransport):
    """Sends what is meant for https://management.azure.com to the door instead."""

    def __init__(self, door: str) -> None:
        super().__init__()
        self._door = door

    def send(self, request: Any, **options: Any) -> Any:
        public = request.url
        if public.startswith(PUBLIC):
            request.url = public.replace(PUBLIC, self._door)
            request.headers["Host"] = PUBLIC.removeprefix("https://")
            request.headers["X-Forwarded-Proto"] = "https"
        try:
            return super().send(request, **options)
        finally:
            request.url = public  # pollers ask the same address again


class Arm:
    """ARM by azure-mgmt-core's own pipeline."""

    def __init__(self, door: str) -> None:
        self.client: ARMPipelineClient[Any, Any] = ARMPipelineClient(
            door, policies=[RequestIdPolicy(), HeadersPolicy(BEARER)]
        )

    def call(self, method: str, id: str, body: Any = None, **query: str) -> HttpResponse:
        """One request, whatever its answer."""
        headers = query.pop("headers", None)
        request = HttpRequest(
            method,
            self.client.format_url(id),
            params={"api-version": VERSION, **query},
            json=body,
            headers=headers,  # type: ignore[arg-type]
        )
        answer: HttpResponse = self.client.send_request(request)
        return answer

    def long(self, method: str, id: str, body: Any = None) -> Any:
        """A long-running operation to its end; what it says then."""
        request = HttpRequest(method, self.client.format_url(id), params={"api-version": VERSION}, json=body)
        first = self.client.send_request(request, _return_pipeline_response=True)
        first.http_response.raise_for_status()

        def said(response: Any) -> Any:
            text = response.http_response.text()
            return response.http_response.json() if text else None

        return LROPoller(self.client, first, said, ARMPolling(timeout=30)).result()
