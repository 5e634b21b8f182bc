"""What Google's refusals mean for people: category, message, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mlstack.errors import Category, TargetError
from mlstack.resource import ResourceFailed

_AGAIN = "run the same command again: it goes on from here"
_SIGN_IN = (
    "run `gcloud auth application-default login`, or name a service account's key file in "
    "GOOGLE_APPLICATION_CREDENTIALS; `mlstack doctor` shows what is found"
)
_QUOTA = (
    "ask for more at https://console.cloud.google.com/iam-admin/quotas, or name a smaller or another size, "
    "or another region"
)
_DISABLED = re.compile(r"SERVICE_DISABLED|has not been used in project|it is disabled|is not enabled")
_SERVICE = re.compile(r"([a-z]+\.googleapis\.com)")
_SHORT = re.compile(r"quota|exhausted|stockout|not have enough resources|capacity", re.IGNORECASE)
_RIGHT = re.compile(r"[Pp]ermission '?([a-z]+\.[A-Za-z]+\.[A-Za-z.]+)'?")

#: Right that is missing -> the least role that has it. The first whose beginning fits counts.
_ROLES = (
    ("storage.buckets", "roles/storage.admin"),
    ("storage.", "roles/storage.objectAdmin"),
    ("aiplatform.", "roles/aiplatform.user"),
    ("cloudbuild.", "roles/cloudbuild.builds.editor"),
    ("artifactregistry.", "roles/artifactregistry.admin"),
    ("iam.serviceAccounts.actAs", "roles/iam.serviceAccountUser"),
    ("iam.serviceAccounts", "roles/iam.serviceAccountAdmin"),
    ("secretmanager.", "roles/secretmanager.admin"),
    ("serviceusage.", "roles/serviceusage.serviceUsageAdmin"),
    ("logging.", "roles/logging.viewer"),
    ("monitoring.", "roles/monitoring.viewer"),
)


class CloudFailure(TargetError):  # noqa: N818 - reads as what happened
    """Google answered with an error. ``status`` is HTTP's, ``reason`` Google's word ("ALREADY_EXISTS")."""

    def __init__(self, message: str, *, status: int, reason: str, **more: Any) -> None:
        super().__init__(message, **more)
        self.status = status
        self.reason = reason


@contextmanager
def told(what: str) -> Iterator[None]:
    """Errors of Google's libraries within, as mlstack's. ``what`` is what was being done, or spoken to."""
    import requests
    from google.api_core.exceptions import GoogleAPIError
    from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError, RefreshError, TransportError

    try:
        yield
    except GoogleAPIError as error:
        raise _of_google(error, what) from error
    except (DefaultCredentialsError, RefreshError) as error:
        raise TargetError(
            f"Google has no use for the credentials that were found: {_line(error)}",
            where=what,
            code="permission",
            category="permission",
            remedy=_SIGN_IN,
        ) from error
    except (TransportError, requests.RequestException) as error:
        raise TargetError(
            f"Google Cloud cannot be reached: {_line(error)}",
            where=what,
            code="transient",
            category="transient",
            remedy=f"{_AGAIN}; look at the network, the proxy (HTTPS_PROXY) and https://status.cloud.google.com",
        ) from error
    except GoogleAuthError as error:
        raise TargetError(
            _line(error), where=what, code="permission", category="permission", remedy=_SIGN_IN
        ) from error


@contextmanager
def present() -> Iterator[None]:
    """Failures within as a gap resource's own (`mlstack.resource.ResourceFailed`)."""
    try:
        yield
    except TargetError as error:
        raise ResourceFailed(error.message, remedy=error.remedy, category=error.category) from error


def _of_google(error: Any, what: str) -> TargetError:
    status = int(getattr(error, "code", None) or 0)
    message = str(getattr(error, "message", "") or error).strip()
    # the client's own words are "POST https://…: what Google said"
    message = re.sub(r"^(GET|POST|PUT|PATCH|DELETE) \S+?://\S+: ", "", message)
    reason = str(getattr(error, "reason", None) or _reason(error) or "")
    category, remedy = _judged(status, reason, message)
    return CloudFailure(
        message or f"HTTP status {status}",
        status=status,
        reason=reason,
        where=what,
        category=category,
        remedy=remedy,
        code=category if category in ("quota", "permission", "transient") else None,
    )


def _reason(error: Any) -> str | None:
    """Google's word for the failure, in whichever form the answer has it."""
    grpc = getattr(error, "grpc_status_code", None)
    if grpc is not None:
        return str(grpc.name)
    response: Any = getattr(error, "response", None)
    try:
        found = response.json()["error"]["status"]
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    return str(found)


def _judged(status: int, reason: str, message: str) -> tuple[Category, str]:
    if _DISABLED.search(f"{reason} {message}"):
        found = _SERVICE.search(message)
        service = found[1] if found else "SERVICE.googleapis.com"
        return "permission", f"gcloud services enable {service}; it takes a minute to count"
    if reason == "RESOURCE_EXHAUSTED" or (status in (400, 403, 409, 429) and _SHORT.search(message)):
        return "quota", _QUOTA
    if status == 401:
        return "permission", _SIGN_IN
    if status == 403:
        return "permission", _role(message)
    if status in (0, 408, 429) or status >= 500:
        return "transient", _AGAIN
    if status in (409, 412):
        return (
            "conflict",
            "something else works on it, or is in its place: wait, then run the same command again",
        )
    if status == 404:
        return "user", "it is not there, or not any more: `mlstack refresh` rereads what is"
    return "user", "mend what the message names in the spec"


def _role(message: str) -> str:
    found = _RIGHT.search(message)
    right = found[1] if found else ""
    role = next((role for beginning, role in _ROLES if right.startswith(beginning)), None)
    if role is None:
        return "ask the project's owner for a role with this right; a new one takes some minutes to count"
    return (
        f"ask for {role}: gcloud projects add-iam-policy-binding PROJECT --member user:YOU --role {role}; "
        "a new one takes some minutes to count"
    )


def _line(error: BaseException) -> str:
    text = str(error.args[0] if error.args else error).strip()
    return text.splitlines()[0] if text else type(error).__name__
