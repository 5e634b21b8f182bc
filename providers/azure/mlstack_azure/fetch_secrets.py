"""Run inside of a job, by whatever Python is there: print `export NAME=VALUE` for each secret.

Addresses are in MLSTACK_SECRET_NAME, as Key Vault's URIs. The identity is the job's: Azure ML gives it by
MSI_ENDPOINT and MSI_SECRET, a machine of one's own by the instance metadata service.
"""

from __future__ import annotations

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
METADATA = os.environ.get("MLSTACK_METADATA", "http://169.254.169.254/metadata/identity/oauth2/token")


def fetched(url: str, headers: dict[str, str]) -> Any:
    """JSON from a URL, tried again while the service is busy or the identity's rights are new."""
    for attempt in range(6):
        try:
            request = urllib.request.Request(url, headers=headers)  # noqa: S310
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code not in (403, 408, 429, 500, 502, 503, 504) or attempt == 5:
                raise
        except OSError:
            if attempt == 5:
                raise
        time.sleep(float(os.environ.get("MLSTACK_PAUSE", "2")) * 2**attempt)


def token(audience: str) -> str:
    endpoint = os.environ.get("MSI_ENDPOINT")
    client = os.environ.get("DEFAULT_IDENTITY_CLIENT_ID")
    if endpoint:
        query = {"api-version": "2017-09-01", "resource": audience}
        headers = {"secret": os.environ.get("MSI_SECRET", "")}
        query.update({"clientid": client} if client else {})
    else:
        endpoint, headers = METADATA, {"Metadata": "true"}
        query = {"api-version": "2018-02-01", "resource": audience}
        query.update({"client_id": client} if client else {})
    return fetched(endpoint + "?" + urllib.parse.urlencode(query), headers)["access_token"]  # type: ignore[no-any-return]


def main() -> None:
    tokens: dict[str, str] = {}
    for name in sorted(os.environ):
        if not name.startswith(PREFIX):
            continue
        uri = os.environ[name]
        audience = "https://" + urllib.parse.urlsplit(uri).netloc.partition(".")[2]
        if audience not in tokens:
            tokens[audience] = token(audience)
        value = fetched(uri + "?api-version=7.4", {"Authorization": "Bearer " + tokens[audience]})["value"]
        print("export " + name[len(PREFIX) :] + "=" + shlex.quote(value))


try:
    main()
except Exception as error:
    sys.exit(f"mlstack: a secret cannot be fetched: {error}")
