"""Clients of Google's services: Vertex AI's own, the one for storage, and plain REST for what is little used.

Libraries are imported when they are first needed. A client is made once for each address and kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from mlstack_gcp.cloud import where
from mlstack_gcp.cloud.failures import told

if TYPE_CHECKING:
    import requests
    from google.cloud.storage import Bucket, Client

SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
_PATIENCE = 120.0


def client(service: str, location: str) -> Any:
    """Vertex AI's client for a service ("Model", "Endpoint", "Job", "Pipeline", "Schedule", "Prediction") in
    a region: `google.cloud.aiplatform_v1.<service>ServiceClient` over REST. Its calls raise Google's own
    errors: `told` turns them into mlstack's."""
    return _client(service, where.address("aiplatform", location), where.anonymous())


def session() -> requests.Session:
    """An HTTP session that signs its requests; one that does not where nobody looks at credentials."""
    return _session(where.anonymous())


def storage(project: str) -> Client:
    """The client for Cloud Storage."""
    return _storage(project, where.instead(), where.anonymous())


def bucket(project: str, name: str) -> Bucket:
    """A bucket, by its name; nothing is asked of the cloud for it."""
    return storage(project).bucket(name)


def rest(
    service: str,
    method: str,
    path: str,
    *,
    location: str | None = None,
    json: Any = None,
    params: Mapping[str, Any] | None = None,
) -> Any:
    """One call of a service's REST interface: ``rest("cloudbuild", "GET", "/v1/projects/…")``; its JSON.

    Raises `mlstack_gcp.cloud.CloudFailure` for a refusal (``status`` is HTTP's), TargetError otherwise.
    """
    from google.api_core import exceptions

    url = f"{where.address(service, location)}{path}"
    with told(f"{method} {path}"):
        answer = session().request(method, url, json=json, params=params, timeout=_PATIENCE)
        if not answer.ok:
            raise exceptions.from_http_response(answer)  # type: ignore[no-untyped-call]
        return answer.json() if answer.content else {}


@cache
def _client(service: str, address: str, anonymous: bool) -> Any:
    from google.cloud import aiplatform_v1

    found = getattr(aiplatform_v1, f"{service}ServiceClient")
    scheme, _, host = address.partition("://")
    # the address is given with its scheme, as the client of operations takes it from here too
    transport = found.get_transport_class("rest")(
        host=host if scheme == "https" else address, credentials=_credentials(anonymous), url_scheme=scheme
    )
    return found(transport=transport)


@cache
def _session(anonymous: bool) -> requests.Session:
    import requests
    from google.auth.transport.requests import AuthorizedSession

    if anonymous:
        return requests.Session()
    return AuthorizedSession(_credentials(anonymous))  # type: ignore[no-untyped-call]


@cache
def _storage(project: str, address: str | None, anonymous: bool) -> Client:
    from google.cloud import storage

    options = {"api_endpoint": address} if address else None
    return storage.Client(project, credentials=_credentials(anonymous), client_options=options)


@cache
def _credentials(anonymous: bool) -> Any:
    import google.auth
    from google.auth.credentials import AnonymousCredentials

    if anonymous:
        return AnonymousCredentials()  # type: ignore[no-untyped-call]
    with told("Google's credentials"):
        return google.auth.default(scopes=SCOPES)[0]
