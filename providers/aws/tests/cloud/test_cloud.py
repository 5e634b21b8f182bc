"""How AWS's refusals are told, and how it is waited for."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from mlstack_aws.cloud import AwsFailure, Interrupted, client, gone, told, wait

from mlstack import door
from mlstack.errors import TargetError


def answer(code: str, message: str = "no", status: int = 400) -> ClientError:
    body = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(body, "CreateEndpoint")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "category", "way_out"),
    [
        (answer("ResourceLimitExceeded"), "quota", "servicequotas"),
        (answer("ThrottlingException"), "transient", "again"),
        (answer("InternalFailure", status=500), "transient", "again"),
        (answer("ExpiredTokenException", status=403), "permission", "aws sso login"),
        (
            answer(
                "AccessDeniedException",
                "User: me is not authorized to perform: sagemaker:CreateModel on resource: arn:x",
            ),
            "permission",
            "allows sagemaker:CreateModel on arn:x",
        ),
        (answer("ResourceInUse"), "conflict", "wait"),
        (answer("ValidationException"), "user", "mend"),
        (NoCredentialsError(), "permission", "aws sso login"),
        (EndpointConnectionError(endpoint_url="https://x"), "transient", "network"),
    ],
)
def test_a_refusal_says_what_to_do(error: Exception, category: str, way_out: str) -> None:
    with pytest.raises(TargetError) as caught, told("endpoint digits"):
        raise error
    assert caught.value.category == category
    assert way_out in (caught.value.remedy or "")
    assert "endpoint digits" in (caught.value.where or "")


def test_what_is_not_there_is_known_by_code_or_by_sagemakers_words() -> None:
    for error in (answer("NoSuchBucket"), answer("ValidationException", 'Could not find endpoint "x".')):
        with gone(), told("x"):
            raise error
    with pytest.raises(AwsFailure), gone(), told("x"):
        raise answer("ValidationException", "1 is too small")


@dataclass
class Run:
    cancelled: Event = field(default_factory=Event)


def test_waiting_ends_with_what_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(door.VARIABLE, "http://127.0.0.1:1")
    looks = iter([None, None, "InService"])
    assert wait(Run(), lambda: next(looks), "endpoint digits") == "InService"
    with pytest.raises(TargetError, match="endpoint digits"):
        wait(Run(), lambda: None, "endpoint digits", most=0)


def test_waiting_ends_when_the_run_is_cancelled() -> None:
    run = Run()
    run.cancelled.set()
    with pytest.raises(Interrupted, match="endpoint digits"):
        wait(run, lambda: None, "endpoint digits")


def test_clients_go_to_the_door_of_a_rehearsal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(door.VARIABLE, "http://127.0.0.1:1")
    assert client("sagemaker", "eu-west-1").meta.endpoint_url == "http://127.0.0.1:1"
    assert client("sagemaker", "eu-west-1") is client("sagemaker", "eu-west-1")
    monkeypatch.delenv(door.VARIABLE)
    real = client("sagemaker", "eu-west-1").meta.endpoint_url
    assert real == "https://api.sagemaker.eu-west-1.amazonaws.com"


def test_a_profile_that_is_not_there_is_told() -> None:
    with pytest.raises(TargetError) as caught:
        client("sts", "eu-west-1", "nobody-s-profile")
    assert caught.value.category == "permission"
