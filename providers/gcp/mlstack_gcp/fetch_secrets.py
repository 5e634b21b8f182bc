"""Started inside a container, by whatever Python is there: fetch secrets, then become the real command.

MLSTACK_SECRETS holds JSON: by variable, the full name of a secret's version. They are read from Secret
Manager as the service account that the container runs as, by the token of its metadata server; no value
passes through the stack. The arguments are the command.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

VARIABLE = "MLSTACK_SECRETS"
METADATA = os.environ.get("GCE_METADATA_HOST", "metadata.google.internal")
TOKEN = f"http://{METADATA}/computeMetadata/v1/instance/service-accounts/default/token"
SECRETS = os.environ.get("MLSTACK_SECRETS_URL", "https://secretmanager.googleapis.com")


def fetched(url: str, headers: dict[str, str]) -> Any:
    """JSON from a URL, tried again while the service is busy or the account's rights are new."""
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


def command() -> tuple[str, ...]:
    """The words that go before a container's own command."""
    return "python3", "-c", Path(__file__).read_text(encoding="utf-8")


def main() -> None:
    wanted = json.loads(os.environ.get(VARIABLE) or "{}")
    if wanted:
        token = fetched(TOKEN, {"Metadata-Flavor": "Google"})["access_token"]
        for variable, name in wanted.items():
            found = fetched(f"{SECRETS}/v1/{name}:access", {"Authorization": f"Bearer {token}"})
            os.environ[variable] = base64.b64decode(found["payload"]["data"]).decode()
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606


if __name__ == "__main__":
    try:
        main()
    except Exception as error:
        sys.exit(f"mlstack: a secret cannot be fetched: {error}")
