"""The emulated AWS behind both doors: every call of whichever door ends in `Cloud.answer`."""

from __future__ import annotations

import io
import json
from functools import lru_cache
from typing import Any

import boto3
import botocore.session
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError
from moto.core.request import Request as MotoRequest

from mlstack.rehearsal import CloudFault, World
from mlstack_aws.region import USUAL
from mlstack_aws.rehearsal import own, wire
from mlstack_aws.rehearsal.holding import Holding

ACCOUNT = "123456789012"


class Cloud:
    """boto3 clients of an account that is only emulated, with no socket between."""

    def __init__(self, world: World, region: str | None) -> None:
        self.world = world
        self.region = region or USUAL
        self.account = ACCOUNT
        self.holding = Holding(world, ACCOUNT)
        session = botocore.session.Session()
        session.set_credentials("rehearsal", "rehearsal")
        session.register("before-send", self._before_send)
        self._session = boto3.Session(botocore_session=session)
        self._client = lru_cache(maxsize=None)(self._made_client)

    def client(self, service: str, region: str | None = None) -> Any:
        """A boto3 client. It checks parameters as botocore does, and never tries twice."""
        with self.holding.inside(changing=False):
            return self._client(service, region or self.region)

    def _made_client(self, service: str, region: str) -> Any:
        config = Config(
            retries={"total_max_attempts": 1}, parameter_validation=True, s3={"addressing_style": "path"}
        )
        return self._session.client(service, region_name=region, config=config)

    def call(
        self, service: str, operation: str, parameters: dict[str, Any], region: str | None = None
    ) -> Any:
        """One call by its name in snake_case. CloudFault: refused."""
        try:
            answer = getattr(self.client(service, region), operation)(**parameters)
        except ClientError as problem:
            raise fault(problem) from None
        except ParamValidationError as problem:
            raise CloudFault(400, "ValidationException", f"{operation}: {problem}") from None
        answer.pop("ResponseMetadata", None)
        return answer

    def look(
        self, service: str, operation: str, parameters: dict[str, Any], region: str | None = None
    ) -> Any:
        """Likewise; None where there is no such thing."""
        try:
            return self.call(service, operation, parameters, region)
        except CloudFault as problem:
            if gone(problem):
                return None
            raise

    def have_managed_policy(self, arn: str) -> None:
        """Put a policy of AWS's own into moto, which has them all but takes a second to read them."""
        from moto.iam.models import ManagedPolicy

        with self.holding.inside(changing=True):
            self.holding.need("iam")
            name = arn.rpartition("/")[2]
            document = {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
            }
            of: Any = ManagedPolicy  # moto itself leaves abstract methods open
            policy = of(name, account_id="aws", region="us-east-1", document=json.dumps(document), path="/")
            backend: Any = self.holding.backend("iam", "aws")
            backend.managed_policies[arn] = policy

    def answer(self, request: MotoRequest, service: str, region: str) -> wire.Answered:
        """The one place that both doors go through."""
        asked = wire.called(request, service, region)
        with self.holding.inside(changing=asked.changing):
            self.holding.need(wire.folder(service))
            try:
                return own.answer(self, asked, request)
            except CloudFault as problem:
                return wire.error(service, problem.status, problem.code, problem.message)

    def _before_send(self, request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse:
        service = event_name.split(".", 2)[1]
        answered = self.answer(
            wire.from_botocore(request, self.account),
            SERVICE_IDS.get(service, service),
            _region(request, self.region),
        )
        return AWSResponse(request.url, answered.status, _Headers(answered.headers), _Raw(answered.body))


#: botocore names events after a service's id, its clients after another.
SERVICE_IDS = {
    "application-auto-scaling": "application-autoscaling",
    "cloudwatch-logs": "logs",
    "eventbridge": "events",
    "secrets-manager": "secretsmanager",
    "sagemaker-runtime": "sagemaker-runtime",
}

_GONE = ("NotFound", "NoSuch", "NotExist", "DoesNotExist", "ResourceNotFound")


def gone(problem: CloudFault) -> bool:
    """Whether it says that there is no such thing. SageMaker says it in words alone."""
    text = problem.message.lower()
    return (
        problem.status == 404
        or any(word in problem.code for word in _GONE)
        or (problem.code == "ValidationException" and ("could not find" in text or "does not exist" in text))
    )


def fault(problem: ClientError) -> CloudFault:
    """AWS's refusal as the rehearsal's own."""
    told = problem.response.get("Error", {})
    status = problem.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    found = CloudFault(int(status), str(told.get("Code", "Unknown")), str(told.get("Message", "")))
    found.operation = problem.operation_name  # type: ignore[attr-defined]
    return found


def _region(request: AWSPreparedRequest, usual: str) -> str:
    """By the signature's scope."""
    signed = request.headers.get("Authorization", "")
    text = signed.decode() if isinstance(signed, bytes) else str(signed)
    parts = text.split("Credential=")[-1].split("/")
    return parts[2] if len(parts) > 3 else usual


class _Headers(dict[str, str]):
    """Headers without regard to case, as botocore looks them up."""

    def __init__(self, given: Any) -> None:
        super().__init__({key.lower(): value for key, value in given.items()})

    def get(self, key: str, default: Any = None) -> Any:
        return super().get(key.lower(), default)

    def __getitem__(self, key: str) -> str:
        return super().__getitem__(key.lower())

    def __contains__(self, key: object) -> bool:
        return super().__contains__(str(key).lower())


class _Raw(io.BytesIO):
    """What botocore reads an answer's body from."""

    def stream(self, **_: Any) -> Any:
        yield self.read()
