"""What libraries raise, as errors of ours: whose fault it is, and what to do. Transient ones are retried."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterator
from typing import TypeVar

from mlstack.errors import Category, MlstackError, TargetError
from mlstack_local.remote.uris import SCHEMES, hide_secrets, redacted, scheme_of

T = TypeVar("T")

_ATTEMPTS = 4
#: Names of classes, in whatever library, that mean that nobody let us in.
_FORBIDDEN = frozenset(
    {
        "NoCredentialsError",
        "PartialCredentialsError",
        "CredentialRetrievalError",
        "ProfileNotFound",
        "ClientAuthenticationError",
        "DefaultCredentialsError",
        "RefreshError",
        "GatedRepoError",
        "LocalTokenNotFoundError",
    }
)
_UNREACHABLE = frozenset(
    {
        "ClientConnectionError",
        "ClientConnectorError",
        "ClientPayloadError",
        "ServerDisconnectedError",
        "EndpointConnectionError",
        "ConnectTimeoutError",
        "ReadTimeoutError",
        "ServiceRequestError",
        "ServiceResponseError",
        "IncompleteReadError",
        "ConnectError",
        "FSTimeoutError",
    }
)


def attempt(uri: str, call: Callable[[], T]) -> T:
    """What the call returns; it is tried four times where it fails for a while. Raises TargetError."""
    import stamina  # not above: every command imports this file, and few retry

    stamina.instrumentation.set_on_retry_hooks([])  # it would write a line for each retry
    try:
        for trial in stamina.retry_context(
            on=is_transient, attempts=_ATTEMPTS, timeout=None, wait_initial=0.2, wait_max=5.0
        ):
            with trial:
                return call()
    except MlstackError:
        raise
    except Exception as error:
        raise told(uri, error) from error
    raise AssertionError("the last attempt returns or raises")


def is_transient(error: Exception) -> bool:
    return not isinstance(error, MlstackError) and _category(error) == "transient"


def told(uri: str, error: BaseException) -> TargetError:
    shown = redacted(uri)
    scheme = SCHEMES[scheme_of(uri)]
    category = _category(error)
    if category == "permission":
        message, code = f"{shown}: access is denied", "remote-forbidden"
        remedy = f"see to credentials that may read it: {scheme.credentials}"
    elif category == "user":
        message, code = f"{shown} is not there", "remote-missing"
        remedy = "look the path up; a folder ends in a slash"
    elif _is_untrusted(error):
        category, code, message = "user", "remote-untrusted", f"{shown}: its certificate is not trusted"
        remedy = "name the file of the authority that signed it: SSL_CERT_FILE (AWS_CA_BUNDLE for s3)"
    else:
        category, code = "transient", "remote-unreachable"
        message, remedy = f"{shown} cannot be read: {_said(error)}", "run the same command again"
    return TargetError(message, code=code, category=category, remedy=remedy)


def _category(error: BaseException) -> Category | None:
    """The most telling of an error and what caused it; None for one that means nothing to us."""
    if _is_untrusted(error):
        return None
    found = [_one(each) for each in _chain(error)]
    order: tuple[Category, ...] = ("permission", "transient", "user")
    return next((category for category in order if category in found), None)


def _one(error: BaseException) -> Category | None:
    status = _status(error)
    names = {cls.__name__ for cls in type(error).__mro__}
    if status in (401, 403) or isinstance(error, PermissionError) or names & _FORBIDDEN:
        return "permission"
    if status in (404, 410):
        return "user"
    if status in (408, 429) or (status is not None and status >= 500):
        return "transient"
    if isinstance(error, ConnectionError | TimeoutError | asyncio.TimeoutError) or names & _UNREACHABLE:
        return "transient"
    return "user" if isinstance(error, FileNotFoundError | IsADirectoryError) else None


def _is_untrusted(error: BaseException) -> bool:
    return any(isinstance(each, ssl.SSLCertVerificationError) for each in _chain(error))


def _status(error: BaseException) -> int | None:
    """The HTTP status, wherever a library keeps it."""
    response = getattr(error, "response", None)
    names = ("status",) if hasattr(error, "status") else ("status_code", "code")
    places = [getattr(error, name, None) for name in names]
    if isinstance(response, dict):  # botocore
        places.append(response.get("ResponseMetadata", {}).get("HTTPStatusCode"))
    else:
        places.append(getattr(response, "status_code", None))
    for place in places:
        if isinstance(place, int | str) and str(place).isdigit() and int(place) >= 100:
            return int(place)
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _said(error: BaseException) -> str:
    """The words of what caused it, where that is something that we know."""
    known = [each for each in _chain(error) if _one(each) not in (None, "user")]
    telling = known[-1] if known else error
    lines = str(telling).strip().splitlines()
    return hide_secrets(f"{type(telling).__name__}: {lines[0] if lines else ''}"[:300])
