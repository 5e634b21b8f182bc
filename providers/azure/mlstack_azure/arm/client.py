"""The resource manager's REST interface: documents by ARM id."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from azure.core.configuration import Configuration
from azure.core.exceptions import AzureError
from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import (
    BearerTokenCredentialPolicy,
    CustomHookPolicy,
    HeadersPolicy,
    HTTPPolicy,
    NetworkTraceLoggingPolicy,
    ProxyPolicy,
    RedirectPolicy,
    RetryPolicy,
    SansIOHTTPPolicy,
    UserAgentPolicy,
)
from azure.core.pipeline.transport import RequestsTransport
from azure.core.rest import HttpRequest, HttpResponse
from azure.mgmt.core import ARMPipelineClient
from azure.mgmt.core.policies import ARMHttpLoggingPolicy
from azure.mgmt.core.polling.arm_polling import ARMPolling

from mlstack.errors import MlstackError
from mlstack_azure.arm.cloud import ML_API, Cloud, here
from mlstack_azure.arm.credential import REHEARSED, credential
from mlstack_azure.arm.failures import HttpFailure, translated

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

#: Seconds between looks at an operation whose answer names none.
_POLL = 5.0
#: Tries beside the first of a request that was throttled or not answered; the waits double from `_BACKOFF`.
_RETRIES = 7
_BACKOFF = 0.8
_LONGEST_WAIT = 60
_CONNECT, _READ = 20, 120

Document = dict[str, Any]


class Interrupted(MlstackError):  # noqa: N818 - reads as what happened
    """The run was cancelled while Azure was waited for. What Azure has begun goes on there."""

    code = "interrupted"
    category = "user"
    exit_code = 130


class Transport(RequestsTransport):  # type: ignore[misc] # loaded lazily, so without a type
    """Sleeps (before a retry, between two looks at an operation) end when the run is cancelled."""

    def __init__(self, cancelled: threading.Event, **more: Any) -> None:
        super().__init__(**more)
        self._cancelled = cancelled

    def sleep(self, duration: float) -> None:
        if self._cancelled.wait(duration):
            raise Interrupted("stopped while waiting for Azure", remedy="run the same command again")


class Arm:
    """Get, make, change and remove what an ARM id names.

    Requests that were throttled or not answered are sent again, as late as the answer's Retry-After says;
    operations that take long are waited for. Raises TargetError (`HttpFailure` where Azure answered), with
    category and remedy, and `Interrupted` once ``cancelled`` is set.
    """

    def __init__(
        self,
        cloud: Cloud,
        credential: TokenCredential | None,
        *,
        cancelled: threading.Event | None = None,
        backoff: float = _BACKOFF,
        poll: float = _POLL,
    ) -> None:
        self.cloud = cloud
        self.credential = credential
        self.cancelled = cancelled or threading.Event()
        self.backoff = backoff
        self._poll = poll
        config: Configuration[Any, Any] = Configuration()
        config.user_agent_policy = UserAgentPolicy(base_user_agent="mlstack")
        config.headers_policy = HeadersPolicy()
        config.proxy_policy = ProxyPolicy()
        config.logging_policy = NetworkTraceLoggingPolicy()
        config.http_logging_policy = ARMHttpLoggingPolicy()
        config.retry_policy = RetryPolicy(
            retry_total=_RETRIES,
            retry_status=_RETRIES,
            retry_backoff_factor=backoff,
            retry_backoff_max=_LONGEST_WAIT,
        )
        config.redirect_policy = RedirectPolicy()
        config.custom_hook_policy = CustomHookPolicy()
        config.authentication_policy = authentication(cloud.scope, cloud, credential)
        transport = Transport(self.cancelled, connection_timeout=_CONNECT, read_timeout=_READ)
        self._client: ARMPipelineClient[HttpRequest, HttpResponse] = ARMPipelineClient(
            cloud.url, config=config, transport=transport
        )

    def get(self, id: str, api: str = ML_API, **parameters: Any) -> Document:
        return _json(self._send("GET", id, api, parameters=parameters))

    def find(self, id: str, api: str = ML_API, **parameters: Any) -> Document | None:
        """As `get`; None where there is no such thing."""
        try:
            return self.get(id, api, **parameters)
        except HttpFailure as failure:
            if failure.status == 404:
                return None
            raise

    def pages(self, id: str, api: str = ML_API, **parameters: Any) -> Iterator[Document]:
        """The items of a list, page after page."""
        page = self.get(id, api, **parameters)
        while True:
            yield from page.get("value") or ()
            following = page.get("nextLink")
            if not following:
                return
            page = _json(self._send("GET", following, None))

    def put(
        self,
        id: str,
        body: Mapping[str, Any],
        api: str = ML_API,
        *,
        etag: str | None = None,
        wait: bool = True,
    ) -> Document:
        """Make or replace it, and wait until that is done. ``etag``: only if it is still what was read."""
        headers = {"If-Match": etag} if etag else {}
        return self._done(self._raw("PUT", id, api, body=body, headers=headers), id, wait)

    def patch(self, id: str, body: Mapping[str, Any], api: str = ML_API) -> Document:
        return self._done(self._raw("PATCH", id, api, body=body), id, True)

    def post(
        self, id: str, body: Mapping[str, Any] | None = None, api: str = ML_API, *, wait: bool = True
    ) -> Document:
        """Call an action (``…/listKeys``)."""
        return self._done(self._raw("POST", id, api, body=body), id, wait)

    def delete(self, id: str, api: str = ML_API, *, wait: bool = True) -> bool:
        """Remove it; whether it was there."""
        try:
            self._done(self._raw("DELETE", id, api), id, wait)
        except HttpFailure as failure:
            if failure.status == 404:
                return False
            raise
        return True

    def etag(self, id: str, api: str = ML_API) -> tuple[Document, str | None]:
        """It, and the tag of its version where the platform gives one."""
        response = self._send("GET", id, api)
        return _json(response), response.headers.get("ETag")

    def fetch(self, url: str, **parameters: Any) -> Document:
        """A document of another service that takes the resource manager's tokens, by its whole URL."""
        return _json(self._send("GET", url, None, parameters=parameters))

    def token(self, scope: str) -> str:
        """A token for another service of Azure."""
        if self.credential is None:
            return REHEARSED
        try:
            return self.credential.get_token(scope).token
        except AzureError as error:
            raise translated(error, scope) from error

    def close(self) -> None:
        self._client.close()

    def __enter__(self) -> Arm:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _send(self, method: str, id: str, api: str | None, **more: Any) -> HttpResponse:
        return self._raw(method, id, api, **more).http_response

    def _raw(
        self,
        method: str,
        id: str,
        api: str | None,
        *,
        parameters: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> PipelineResponse[HttpRequest, HttpResponse]:
        query = {**({"api-version": api} if api else {}), **(parameters or {})}
        url = id if "://" in id else f"{self.cloud.url}{id}"
        request = HttpRequest(
            method, url, params=query, json=body, headers={"Accept": "application/json", **(headers or {})}
        )
        where = f"{method} {urlsplit(url).path}"
        try:
            answer = cast(
                "PipelineResponse[HttpRequest, HttpResponse]",
                self._client.send_request(request, _return_pipeline_response=True),
            )
            answer.http_response.raise_for_status()
        except AzureError as error:
            raise translated(error, where) from error
        return answer

    def _done(self, answer: PipelineResponse[HttpRequest, HttpResponse], id: str, wait: bool) -> Document:
        if not wait:
            return _json(answer.http_response)
        polling: ARMPolling = ARMPolling(
            timeout=self._poll, lro_options={"final-state-via": "azure-async-operation"}
        )
        try:
            polling.initialize(self._client, answer, lambda found: _json(found.http_response))
            polling.run()
            found: Document | None = polling.resource()
        except AzureError as error:
            raise translated(error, f"{answer.http_request.method} {id}") from error
        return found or {}


def authentication(
    scope: str, cloud: Cloud, credential: TokenCredential | None
) -> HTTPPolicy[Any, Any] | SansIOHTTPPolicy[Any, Any]:
    """How requests say who sends them. Without a credential: the word that a rehearsal takes."""
    if credential is None:
        return HeadersPolicy({"Authorization": f"Bearer {REHEARSED}"})
    if is_loopback(cloud.url):
        return _PlainBearer(credential, scope)
    return BearerTokenCredentialPolicy(credential, scope)


class _PlainBearer(BearerTokenCredentialPolicy[Any, Any]):
    """For an address of this machine itself (a forwarded port), where nobody listens in."""

    def on_request(self, request: PipelineRequest[Any]) -> None:
        request.context.options["enforce_https"] = False
        super().on_request(request)


def is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")


@cache
def _shared_credential(cloud: Cloud, tenant: str | None) -> TokenCredential:
    """One for the whole process: it keeps its tokens."""
    return credential(cloud, tenant)


def present(cancelled: threading.Event | None = None, tenant: str | None = None) -> Arm:
    """The Azure that this process is to talk to, as whom its environment says."""
    cloud = here()
    if cloud.emulated:
        return Arm(cloud, None, cancelled=cancelled, backoff=0.02, poll=0.1)
    return Arm(cloud, _shared_credential(cloud, tenant), cancelled=cancelled)


def _json(response: HttpResponse) -> Document:
    if not response.content:
        return {}
    found = response.json()
    return found if isinstance(found, dict) else {"value": found}
