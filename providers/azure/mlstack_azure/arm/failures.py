"""What Azure's refusals mean for people: category, message, and what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)

from mlstack.errors import Category, MlstackError, TargetError

_QUOTA = re.compile(
    r"quota|OutOfCapacity|NotEnoughCapacity|AllocationFailed|SkuNotAvailable|LimitExceeded|MaxLimit|"
    r"InsufficientCapacity|OutOfQuota|Overconstrained",
    re.IGNORECASE,
)
_ACTION = re.compile(r"perform action '([^']+)'.{0,20}over scope '([^']+)'", re.DOTALL)
_SIGN_IN = (
    "run `az login` (and `az account set --subscription ID`), or set AZURE_CLIENT_ID, AZURE_TENANT_ID and "
    "AZURE_CLIENT_SECRET; `mlstack doctor` shows what is found"
)
_QUOTA_PAGE = (
    "ask for more at https://portal.azure.com/#view/Microsoft_Azure_Capacity/QuotaMenuBlade/~/myQuotas "
    "(provider Machine learning), or name a smaller or another size, or another region"
)
_AGAIN = "run the same command again: it goes on from here"

#: Right that is missing -> the least role that has it. The first whose beginning fits counts.
_ROLES = (
    ("microsoft.authorization/", "Role Based Access Control Administrator"),
    ("microsoft.machinelearningservices/workspaces/computes/", "AzureML Compute Operator"),
    ("microsoft.machinelearningservices/workspaces/write", "Contributor"),
    ("microsoft.machinelearningservices/", "AzureML Data Scientist"),
    ("microsoft.storage/storageaccounts/blobservices/", "Storage Blob Data Contributor"),
    ("microsoft.keyvault/vaults/secrets/", "Key Vault Secrets Officer"),
    ("microsoft.insights/", "Monitoring Reader"),
)


class HttpFailure(TargetError):  # noqa: N818 - reads as what happened
    """Azure answered with an error. ``status`` is HTTP's, ``azure_code`` Azure's own word for it."""

    def __init__(self, message: str, *, status: int, azure_code: str, **more: Any) -> None:
        super().__init__(message, **more)
        self.status = status
        self.azure_code = azure_code


@contextmanager
def told(where: str) -> Iterator[None]:
    """Errors of Azure's libraries within, as mlstack's. ``where`` is what was spoken to."""
    try:
        yield
    except AzureError as error:
        raise translated(error, where) from error


def translated(error: AzureError, where: str) -> MlstackError:
    if isinstance(error, HttpResponseError) and error.status_code:
        return _of_answer(error, where)
    if isinstance(error, ClientAuthenticationError):
        return TargetError(
            f"Azure has no use for the credentials that were found: {_first_line(error)}",
            where=where,
            code="permission",
            category="permission",
            remedy=_SIGN_IN,
        )
    if isinstance(error, HttpResponseError) or "peration" in type(error).__name__:
        return TargetError(_first_line(error), where=where, category="transient", remedy=_AGAIN)
    unreached = isinstance(error, ServiceRequestError | ServiceResponseError)
    return TargetError(
        f"Azure {'cannot be reached' if unreached else 'did not answer'}: {_first_line(error)}",
        where=where,
        code="transient",
        category="transient",
        remedy=f"{_AGAIN}; look at the network, the proxy (HTTPS_PROXY) and https://status.azure.com",
    )


def _of_answer(error: HttpResponseError, where: str) -> HttpFailure:
    status = error.status_code or 0
    code, message = _said(error)
    category, remedy = _judged(status, code, message, where)
    shown = f"{message.rstrip()} [{code}]" if code and code not in message else message
    return HttpFailure(
        shown,
        status=status,
        azure_code=code,
        where=where,
        category=category,
        remedy=remedy,
        code={"quota": "quota", "permission": "permission", "transient": "transient"}.get(category),
    )


def _said(error: HttpResponseError) -> tuple[str, str]:
    """(code, message) of Azure's answer, from whichever of the forms that its services use."""
    body = _body(error)
    # of an operation that failed while it was polled, the error is in the status document
    inner = body.get("error") if isinstance(body.get("error"), Mapping) else body
    code = str(inner.get("code") or "") if isinstance(inner, Mapping) else ""
    message = str(inner.get("message") or "") if isinstance(inner, Mapping) else ""
    deepest = inner.get("innererror") or inner.get("innerError") if isinstance(inner, Mapping) else None
    if isinstance(deepest, Mapping) and not message:
        message = str(deepest.get("message") or "")
    storage = getattr(error, "error_code", None)
    if not code and storage:
        code = str(getattr(storage, "value", storage))
    details = inner.get("details") if isinstance(inner, Mapping) else None
    if isinstance(details, list):
        more = [str(item.get("message")) for item in details if isinstance(item, Mapping)]
        message = " ".join([message, *(text for text in more if text and text not in message)])
    return code, message.strip() or _first_line(error) or f"HTTP status {error.status_code}"


def _body(error: HttpResponseError) -> Mapping[str, Any]:
    response = error.response
    if response is None:
        return {}
    try:
        text = response.text() if callable(response.text) else response.text
        found = json.loads(text)
    except Exception:  # an answer that cannot be read says nothing more
        return {}
    return found if isinstance(found, Mapping) else {}


def _judged(status: int, code: str, message: str, where: str) -> tuple[Category, str]:
    if _QUOTA.search(code) or (status in (400, 403, 409) and _QUOTA.search(message)):
        return "quota", _QUOTA_PAGE
    if status == 401:
        return "permission", _SIGN_IN
    if status == 403:
        return "permission", _role(message, where)
    if status in (408, 429) or status >= 500 or status == 200:
        # 200: an operation that was accepted and then failed; the platform says why in the message
        return ("user" if status == 200 and code.lower() in _USERS else "transient"), _AGAIN
    if status in (409, 412):
        return (
            "conflict",
            "something else works on it, or is in its place: wait, then run the same command again",
        )
    if status == 404:
        return "user", "it is not there, or not any more: `mlstack refresh` rereads what is"
    return "user", "mend what the message names in the spec"


_USERS = {"badrequest", "usererror", "badargument", "invalidargument", "validationerror"}


def _role(message: str, where: str) -> str:
    found = _ACTION.search(message)
    action, scope = found.groups() if found else ("", "")
    if not action and ".blob." in where:
        action = "microsoft.storage/storageaccounts/blobservices/"
    for beginning, role in _ROLES:
        if action.lower().startswith(beginning):
            over = f' --scope "{scope}"' if scope else ""
            return (
                f'ask for the role "{role}": az role assignment create --assignee YOU --role "{role}"{over}; '
                "a new one takes some minutes to count"
            )
    return (
        "ask the subscription's owner for a role with this right; a new one takes some minutes to count. "
        "If the network is private, this machine has to be within it"
    )


def _first_line(error: BaseException) -> str:
    text = str(getattr(error, "message", "") or error).strip()
    return text.splitlines()[0] if text else type(error).__name__
