"""How Google tells of what it refuses: google.rpc.Status over HTTP, googleapi.Error in the Pulumi package.

Sources: google.rpc.Code in googleapis (google/rpc/code.proto: the HTTP status of each code); googleapi.Error
of google-api-go-client (googleapi/googleapi.go), whose text pulumi-gcp shows;
cloud.google.com/apis/design/errors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from mlstack.rehearsal import CloudFault, Made

#: google.rpc.Code -> HTTP status, and the reason that the older interfaces (storage, compute) give with it.
CODES: Mapping[str, tuple[int, str]] = {
    "INVALID_ARGUMENT": (400, "invalid"),
    "FAILED_PRECONDITION": (400, "failedPrecondition"),
    "UNAUTHENTICATED": (401, "authError"),
    "PERMISSION_DENIED": (403, "forbidden"),
    "NOT_FOUND": (404, "notFound"),
    "ALREADY_EXISTS": (409, "alreadyExists"),
    "ABORTED": (409, "conflict"),
    "CONDITION_NOT_MET": (412, "conditionNotMet"),
    "RESOURCE_EXHAUSTED": (429, "rateLimitExceeded"),
    "CANCELLED": (499, "cancelled"),
    "INTERNAL": (500, "backendError"),
    "UNIMPLEMENTED": (501, "notImplemented"),
    "UNAVAILABLE": (503, "backendError"),
    "DEADLINE_EXCEEDED": (504, "timeout"),
}
#: Faults that the rehearsal injects, by their own code: as Google words them. The quota's text is Vertex AI's
#: (cloud.google.com/vertex-ai/docs/general/troubleshooting: "the following quota metrics exceed quota
#: limits"), the capacity's is Compute Engine's (cloud.google.com/compute/docs/troubleshooting/
#: troubleshooting-vm-creation: ZONE_RESOURCE_POOL_EXHAUSTED).
_INJECTED: Mapping[str, tuple[str, str]] = {
    "TooManyRequests": ("RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."),
    "QuotaExceeded": (
        "RESOURCE_EXHAUSTED",
        "The following quota metrics exceed quota limits: "
        "aiplatform.googleapis.com/custom_model_serving_cpus",
    ),
    "OutOfCapacity": (
        "RESOURCE_EXHAUSTED",
        "ZONE_RESOURCE_POOL_EXHAUSTED: the zone does not have enough resources available to fulfill the "
        "request. Try a different zone, or try again later.",
    ),
    "ServiceUnavailable": ("UNAVAILABLE", "The service is currently unavailable."),
    "InternalServerError": ("INTERNAL", "Internal error encountered."),
    "BadGateway": ("UNAVAILABLE", "The service is currently unavailable."),
    "GatewayTimeout": ("DEADLINE_EXCEEDED", "The request timed out."),
}


class Refused(CloudFault):
    """Google refuses a call. ``doing`` is what pulumi-gcp was about ("Error creating Endpoint")."""

    def __init__(
        self, code: str, message: str, *, doing: str = "", old: bool = False, partial: Made | None = None
    ) -> None:
        super().__init__(CODES[code][0], code, message, partial=partial)
        self.doing = doing
        self.old = old


def missing(name: str) -> Refused:
    return Refused("NOT_FOUND", f"{name} is not found.")


def invalid(message: str) -> Refused:
    return Refused("INVALID_ARGUMENT", message)


def words(fault: CloudFault) -> str:
    """A failure as pulumi-gcp words it."""
    old, doing = getattr(fault, "old", False), getattr(fault, "doing", "")
    reason = f", {CODES[fault.code][1]}" if old and fault.code in CODES else ""
    text = f"googleapi: Error {fault.status}: {fault.message}{reason}"
    return f"{doing}: {text}" if doing else text


def status(code: int, name: str, message: str, *, old: bool = False) -> bytes:
    """google.rpc.Status as JSON; the older interfaces have a list of errors with reasons in its place."""
    error: dict[str, object] = {"code": code, "message": message}
    if old:
        reason = CODES[name][1] if name in CODES else "invalid"
        error["errors"] = [{"message": message, "domain": "global", "reason": reason}]
    else:
        error["status"] = name
        error["details"] = []
    return json.dumps({"error": error}).encode()


def told(fault: CloudFault) -> CloudFault:
    """An injected fault with Google's code; in Google's words too, unless a rule has words of its own."""
    if fault.code not in _INJECTED:
        return fault
    code, usual = _INJECTED[fault.code]
    return Refused(code, usual if fault.message.endswith(_USUAL) else fault.message, partial=fault.partial)


#: How the usual words of an injected fault end (mlstack.rehearsal.faults).
_USUAL = (
    "throttled. Try again later.",
    "temporarily unavailable.",
    "internal error has occurred.",
    "got no valid answer.",
    "receive a response in time.",
    "machine type is exceeded.",
    "machine type in this region now.",
)
