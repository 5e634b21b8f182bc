"""What the engine says, told apart: category, place, remedy."""

from __future__ import annotations

import pytest

from mlstack.engine.events import Journal
from mlstack.engine.failures import failure
from mlstack.errors import EngineError, LockedError, TargetError
from mlstack.plugin.errors import compose

JOB = "urn:pulumi:dev::digits::mlstack:index:Job$mlstack:local:Job::train"


def journal(*errors: tuple[str, str]) -> Journal:
    return Journal(errors=list(errors))


def test_a_failure_of_our_provider_keeps_its_parts() -> None:
    text = compose("the job failed with exit code 3", "mlstack logs jobs.train", "user")
    error = failure(journal((JOB, f"1 error occurred:\n\t* {text}")), "")
    assert isinstance(error, TargetError)
    assert error.message == "the job failed with exit code 3"
    assert error.remedy == "mlstack logs jobs.train"
    assert (error.category, error.where) == ("user", "jobs.train")


#: How a Pulumi package that is built on AWS's clients words what it was about, and one on Google's.
_API = "operation error SageMaker: CreateModel, https response error StatusCode: 400, RequestID: x, api error"
_CREATING = "Error creating Endpoint: googleapi: Error"


@pytest.mark.parametrize(
    ("text", "category", "kind"),
    [
        ("googleapi: Error 403: Quota 'GPUS' exceeded", "quota", TargetError),
        ("* [BackoffLimitExceeded] Job has reached the specified backoff limit", "user", TargetError),
        ('[ImagePullBackOff] Back-off pulling image "none"', "user", TargetError),
        ('pods is forbidden: violates PodSecurity "restricted:latest"', "user", TargetError),
        (
            'claims "x" already exists\nThe resource already exists in the cluster. Note that '
            "protected resources cannot be deleted on destroy.",
            "conflict",
            TargetError,
        ),
        ("[Unschedulable] 0/4 nodes are available: 4 Insufficient cpu.", "quota", TargetError),
        ("configured Kubernetes cluster is unreachable: connection refused", "transient", TargetError),
        ('no matches for kind "HTTPRoute" in version "gateway.networking.k8s.io/v1"', "user", TargetError),
        ("DefaultAzureCredential failed to retrieve a token: run az login", "permission", TargetError),
        ("could not automatically download and install resource plugin 'x' at v1", "engine", EngineError),
        ("AccessDeniedException: not authorized to perform iam:CreateRole", "permission", TargetError),
        ("ThrottlingException: Rate exceeded: too many requests", "transient", TargetError),
        ("the resource already exists", "conflict", TargetError),
        ("invoke of cloud:ml:getDataVersion failed: it returned an error: Status=404", "user", TargetError),
        ('Status=429 Code="TooManyRequests" Message="slow down"', "transient", TargetError),
        ('Status=503 Code="ServiceUnavailable" Message="x"', "transient", TargetError),
        ('Status=500 Code="InternalServerError" Message="x"', "transient", TargetError),
        ('Status=409 Code="QuotaExceeded" Message="no more vCPUs"', "quota", TargetError),
        ('Status=409 Code="OutOfCapacity" Message="none in this region"', "quota", TargetError),
        ('Status=409 Code="Conflict" Message="is being deleted"', "conflict", TargetError),
        ("context deadline exceeded: no answer within the time-out", "transient", TargetError),
        ("connection reset by peer: the answer was lost", "transient", TargetError),
        ("incorrect passphrase", "permission", TargetError),
        (f"{_CREATING} 429: Resource has been exhausted (e.g. check quota).", "transient", TargetError),
        (
            f"{_CREATING} 429: Quota exceeded for quota metric 'Requests' and limit 'Requests per minute'",
            "transient",
            TargetError,
        ),
        (
            f"{_CREATING} 429: The following quota metrics exceed quota limits: x/serving_cpus",
            "quota",
            TargetError,
        ),
        (
            f"{_CREATING} 429: ZONE_RESOURCE_POOL_EXHAUSTED: it does not have enough resources available",
            "quota",
            TargetError,
        ),
        (f"{_CREATING} 403: Permission 'x.endpoints.create' denied on resource", "permission", TargetError),
        (
            f"{_CREATING} 403: x has not been used in project 1 before or it is disabled.",
            "permission",
            TargetError,
        ),
        (f"{_CREATING} 404: projects/p/models/1 is not found.", "user", TargetError),
        (
            f"{_CREATING} 409: Your previous request to create the named bucket succeeded, alreadyExists",
            "conflict",
            TargetError,
        ),
        (f"{_CREATING} 503: The service is currently unavailable.", "transient", TargetError),
        (f"{_API} ThrottlingException: Rate exceeded", "transient", TargetError),
        (f"{_API} RequestLimitExceeded: x", "transient", TargetError),
        (f"{_API} SlowDown: Please reduce your request rate.", "transient", TargetError),
        (f"{_API} ResourceLimitExceeded: The account-level service limit is 0", "quota", TargetError),
        (f"{_API} LimitExceededException: x", "quota", TargetError),
        (f"{_API} InsufficientInstanceCapacity: x", "quota", TargetError),
        (f"{_API} AccessDeniedException: x", "permission", TargetError),
        (f"{_API} UnrecognizedClientException: The security token is invalid.", "permission", TargetError),
        (f"{_API} ResourceNotFound: Requested resource not found.", "user", TargetError),
        (f"{_API} ValidationException: Could not find model", "user", TargetError),
        (f"{_API} ValidationException: 1 validation error detected", "user", TargetError),
        (f"{_API} ValidationException: Cannot create already existing model", "conflict", TargetError),
        (f"{_API} BucketAlreadyOwnedByYou: x", "conflict", TargetError),
        (f"{_API} InvalidRequestException: already scheduled for deletion.", "conflict", TargetError),
        (f"{_API} InternalFailure: x", "transient", TargetError),
        ("https response error StatusCode: 503, RequestID: x, api error X: x", "transient", TargetError),
        ("failed to load checkpoint: unexpected end of JSON input", "engine", EngineError),
        ("[409] Conflict: Another update is currently in progress.", "conflict", LockedError),
        ("something that nobody has seen before", "engine", EngineError),
    ],
)
def test_a_clouds_failure_is_told_apart_by_its_words(text: str, category: str, kind: type) -> None:
    error = failure(journal((JOB, text)), "")
    assert isinstance(error, kind)
    assert error.category == category
    assert error.remedy


def test_the_first_real_failure_counts_not_the_engines_own_noise() -> None:
    found = failure(journal(("", "update failed"), (JOB, "quota exceeded"), ("", "preview failed")), "")
    assert found.category == "quota"


def test_what_else_failed_is_told_by_its_first_line() -> None:
    other = JOB.replace("train", "evaluate")
    found = failure(journal((JOB, "quota exceeded"), (other, "no such file\nand more of it")), "")
    assert found.message.splitlines() == ["quota exceeded", "also failed: jobs.evaluate: no such file"]
    assert found.where == "jobs.train"


def test_without_events_the_last_words_on_stderr_count() -> None:
    stderr = "code: 255\nstdout: \nerror: no stack named 'dev' found\n"
    assert failure(journal(), stderr).message == "no stack named 'dev' found"


def test_the_engine_s_own_noise_on_stderr_does_not_count_nor_what_it_says_twice() -> None:
    stderr = (
        "error: update failed\n  error: Status=503 Busy\nerror:   Status=503 Busy\nerror: update failed\n"
    )
    assert failure(Journal(), stderr).message == "Status=503 Busy"
    assert failure(Journal(), "error: update failed\n").message == "update failed"


def test_an_engine_that_died_silently_is_an_engine_failure() -> None:
    error = failure(journal(), "")
    assert isinstance(error, EngineError)
    assert error.message


def test_a_traceback_of_the_program_is_not_shown() -> None:
    text = (
        "python inline source runtime error: no such thing\n"
        'Traceback (most recent call last):\n  File "x.py", line 1, in <module>\n    boom()\n'
    )
    error = failure(journal(("", text)), "")
    assert error.message == "no such thing"
