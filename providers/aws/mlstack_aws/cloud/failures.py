"""What AWS's refusals mean for people: category, message, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

from mlstack.errors import Category, TargetError

_SIGN_IN = (
    "run `aws sso login` or `aws configure`, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and "
    "AWS_SECRET_ACCESS_KEY; `mlstack doctor` shows what is found"
)
_QUOTA_PAGE = (
    "ask for more at https://console.aws.amazon.com/servicequotas/home/services/sagemaker/quotas, or name a "
    "smaller or another size, or another region"
)
_AGAIN = "run the same command again: it goes on from here"

_QUOTA = re.compile(
    r"ResourceLimitExceeded|LimitExceeded|Quota|TooManyBuckets|CapacityError|InsufficientCapacity"
)
_SIGNED = re.compile(
    r"ExpiredToken|InvalidClientTokenId|UnrecognizedClient|InvalidAccessKeyId|SignatureDoesNotMatch|"
    r"AuthFailure|InvalidSignature|MissingAuthenticationToken|InvalidToken|RequestExpired"
)
_FORBIDDEN = re.compile(r"AccessDenied|UnauthorizedOperation|NotAuthorized|OptInRequired|Forbidden")
_BUSY = re.compile(
    r"Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|ServiceUnavailable|InternalFailure|InternalError|"
    r"InternalServer|ServiceFailure|RequestTimeout|PriorRequestNotComplete"
)
_CONFLICT = re.compile(
    r"Conflict|AlreadyExists|ResourceInUse|InUse|Concurrent|OperationAborted|EntityAlreadyExists|DeleteConflict|"
    r"BucketAlreadyOwnedByYou|NotEmpty|Precondition"
)
_GONE = re.compile(r"NotFound|NoSuch|DoesNotExist|^404$")
#: SageMaker has no word of its own for what is not there: a ValidationException says so in its message.
_GONE_MESSAGE = re.compile(r"could not find|does not exist|not found|no such", re.IGNORECASE)
_ACTION = re.compile(r"not authorized to perform:? ([\w-]+:\w+)(?: on resource: (\S+))?")


class AwsFailure(TargetError):  # noqa: N818 - reads as what happened
    """AWS answered with an error. ``aws_code`` is AWS's own word for it, ``status`` HTTP's."""

    def __init__(self, message: str, *, aws_code: str, status: int, **more: object) -> None:
        super().__init__(message, **more)  # type: ignore[arg-type]
        self.aws_code = aws_code
        self.status = status

    @property
    def gone(self) -> bool:
        """What was asked for is not there."""
        if _GONE.search(self.aws_code):
            return True
        return self.aws_code == "ValidationException" and _GONE_MESSAGE.search(self.message) is not None


@contextmanager
def told(where: str) -> Iterator[None]:
    """Errors of boto3 within, as mlstack's. ``where`` is what was spoken of ("sagemaker endpoint digits")."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise translated(error, where) from error


@contextmanager
def gone() -> Iterator[None]:
    """Within, what is not there is no error: to read, and to delete. Around or within `told`."""
    try:
        yield
    except AwsFailure as failure:
        if not failure.gone:
            raise
    except ClientError as error:
        if not _of_answer(error, "").gone:
            raise


def translated(error: ClientError | BotoCoreError, where: str) -> TargetError:
    if isinstance(error, ClientError):
        return _of_answer(error, where)
    signed_out = (
        NoCredentialsError | PartialCredentialsError | ProfileNotFound | SSOError | TokenRetrievalError
    )
    if isinstance(error, signed_out):
        return TargetError(
            f"AWS has no use for the credentials that were found: {error}",
            where=where,
            code="permission",
            category="permission",
            remedy=_SIGN_IN,
        )
    if isinstance(error, NoRegionError | ParamValidationError):
        return TargetError(str(error), where=where, category="user", remedy="mend what the message names")
    unreached = isinstance(error, ConnectionError | HTTPClientError)
    return TargetError(
        f"AWS {'cannot be reached' if unreached else 'did not answer'}: {error}",
        where=where,
        code="transient",
        category="transient",
        remedy=f"{_AGAIN}; look at the network, the proxy (HTTPS_PROXY) and https://health.aws.amazon.com",
    )


def _of_answer(error: ClientError, where: str) -> AwsFailure:
    told = error.response.get("Error", {})
    code = str(told.get("Code") or "")
    message = str(told.get("Message") or error).strip()
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)
    category, remedy = _judged(status, code, message)
    return AwsFailure(
        message if not code or code in message else f"{message} [{code}]",
        aws_code=code,
        status=status,
        where=" ".join(part for part in (where, error.operation_name) if part),
        category=category,
        remedy=remedy,
        code=category if category in ("quota", "permission", "transient") else None,
    )


def _judged(status: int, code: str, message: str) -> tuple[Category, str]:
    if _BUSY.search(code) or status == 429 or status >= 500:
        return "transient", _AGAIN
    if _QUOTA.search(code):
        return "quota", _QUOTA_PAGE
    if _SIGNED.search(code):
        return "permission", _SIGN_IN
    if _FORBIDDEN.search(code) or status == 403:
        return "permission", _right(message)
    if _CONFLICT.search(code) or status == 409:
        return (
            "conflict",
            "something else works on it, or is in its place: wait, then run the same command again",
        )
    if _GONE.search(code) or status == 404:
        return "user", "it is not there, or not any more: `mlstack refresh` rereads what is"
    return "user", "mend what the message names in the spec"


def _right(message: str) -> str:
    found = _ACTION.search(message)
    if found is None:
        return "ask the account's administrator for a policy with this right"
    resource = f" on {found[2]}" if found[2] else ""
    return f"ask the account's administrator for a policy that allows {found[1]}{resource}"
