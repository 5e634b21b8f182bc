"""``python -m mlstack.engine.install.automation ROOT VERSION SECONDS``: see official.py."""

from __future__ import annotations

import socket
import sys
import urllib.request
from subprocess import CalledProcessError

from mlstack.engine.install.official import FAILED, REACHED, STARTED


class _Announce(urllib.request.BaseHandler):
    """Says when the first answer has come."""

    def https_response(self, request: object, response: object) -> object:
        print(REACHED, flush=True)
        return response


def main(root: str, version: str, seconds: str) -> int:
    from pulumi.automation import PulumiCommand
    from semver import VersionInfo

    socket.setdefaulttimeout(float(seconds))
    urllib.request.install_opener(urllib.request.build_opener(_Announce))
    print(STARTED, flush=True)
    try:
        PulumiCommand.install(root=root, version=VersionInfo.parse(version))
    except Exception as error:
        output = error.output.decode(errors="replace") if isinstance(error, CalledProcessError) else ""
        print(FAILED + " ".join(f"{type(error).__name__}: {error} {output}".split()), flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
