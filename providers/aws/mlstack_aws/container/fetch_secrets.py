"""Run inside of a job, by whatever Python is there: print `export NAME=VALUE` for each secret.

MLSTACK_SECRET_NAME holds the ARN of a secret of Secrets Manager. The credentials are the job's role's, which
SageMaker gives at AWS_CONTAINER_CREDENTIALS_RELATIVE_URI. Requests are signed here, as an image need not
have boto3 (AWS Signature Version 4).
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
import json
import os
import shlex
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

PREFIX = "MLSTACK_SECRET_"


def fetched(request: urllib.request.Request) -> Any:
    """JSON, asked for again while the service is busy or the role's rights are new."""
    for attempt in range(6):
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            said = error.read().decode("utf-8", "replace")
            passing = error.code in (429, 500, 502, 503, 504) or "AccessDenied" in said or "Throttl" in said
            if not passing or attempt == 5:
                raise RuntimeError(f"{error.code} {said}") from None
        except OSError:
            if attempt == 5:
                raise
        time.sleep(float(os.environ.get("MLSTACK_PAUSE", "2")) * 2**attempt)


def credentials() -> tuple[str, str, str | None]:
    """(key id, key, token) of the role."""
    relative = os.environ.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
    url = (
        f"http://169.254.170.2{relative}"
        if relative
        else os.environ.get("AWS_CONTAINER_CREDENTIALS_FULL_URI")
    )
    if url:
        held = fetched(urllib.request.Request(url))  # noqa: S310
        return held["AccessKeyId"], held["SecretAccessKey"], held.get("Token")
    return (
        os.environ["AWS_ACCESS_KEY_ID"],
        os.environ["AWS_SECRET_ACCESS_KEY"],
        os.environ.get("AWS_SESSION_TOKEN"),
    )


def signed(url: str, region: str, body: bytes, who: tuple[str, str, str | None]) -> urllib.request.Request:
    """The request, a POST, for Secrets Manager."""
    key_id, key, session = who
    now = datetime.datetime.now(datetime.timezone.utc)  # noqa: UP017  Pythons before 3.11
    stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "host": urllib.parse.urlsplit(url).netloc,
        "x-amz-date": stamp,
        "x-amz-target": "secretsmanager.GetSecretValue",
    }
    if session:
        headers["x-amz-security-token"] = session
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    canonical = "\n".join(("POST", "/", "", lines, names, hashlib.sha256(body).hexdigest()))
    scope = f"{day}/{region}/secretsmanager/aws4_request"
    text = "\n".join(("AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    signing = f"AWS4{key}".encode()
    for part in (*scope.split("/"), text):
        signing = hmac.new(signing, part.encode(), hashlib.sha256).digest()
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={key_id}/{scope}, SignedHeaders={names}, Signature={signing.hex()}"
    )
    return urllib.request.Request(url, body, headers)  # noqa: S310


def main() -> None:
    who = credentials()
    for name in sorted(os.environ):
        if not name.startswith(PREFIX):
            continue
        arn = os.environ[name]
        partition, region = arn.split(":")[1], arn.split(":")[3]
        suffix = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
        url = os.environ.get("AWS_ENDPOINT_URL_SECRETS_MANAGER", f"https://secretsmanager.{region}.{suffix}/")
        body = json.dumps({"SecretId": arn}).encode()
        value = fetched(signed(url, region, body, who))["SecretString"]
        print("export " + name[len(PREFIX) :] + "=" + shlex.quote(value))


try:
    main()
except Exception as error:
    sys.exit(f"mlstack: a secret cannot be fetched: {error}")
