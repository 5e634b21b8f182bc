"""boto3's clients: of the real AWS, or of the emulated one of a rehearsal."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from mlstack import door
from mlstack_aws.cloud.failures import translated

#: Tries of a request that was throttled or not answered, the first among them.
_TRIES = 8
#: What stands in the place of credentials in a rehearsal; nobody checks it.
REHEARSED = "rehearsal"


def emulated() -> bool:
    """Whether this process talks to the emulated cloud of a rehearsal."""
    return door.url() is not None


def client(service: str, region: str | None = None, profile: str | None = None) -> Any:
    """The client of a service ("sagemaker"), shared by all who ask for the same.

    ``region`` None: what the AWS SDKs find by themselves. ``profile`` None: AWS_PROFILE, or what they find;
    gap resources need not name it, as the engine has it in its environment. Raises TargetError.
    """
    return _client(service, region, profile, door.url(), os.environ.get("AWS_PROFILE"))


@cache
def _client(service: str, region: str | None, profile: str | None, url: str | None, _variable: Any) -> Any:
    config = Config(
        retries={"mode": "standard", "total_max_attempts": _TRIES},
        user_agent_appid="mlstack",
        connect_timeout=20,
        read_timeout=120,
        max_pool_connections=16,
        # the emulated cloud has one address, so a bucket cannot be part of it
        s3={"addressing_style": "path"} if url else None,
    )
    try:
        if url is None:
            return boto3.Session(profile_name=profile).client(service, region_name=region, config=config)
        session = boto3.Session(aws_access_key_id=REHEARSED, aws_secret_access_key=REHEARSED)
        return session.client(
            service, region_name=region or session.region_name or "us-east-1", endpoint_url=url, config=config
        )
    except BotoCoreError as error:  # a profile that is not there, no region
        raise translated(error, service) from error
