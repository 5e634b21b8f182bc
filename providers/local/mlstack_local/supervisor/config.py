"""The text of supervisord.conf."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable
from pathlib import Path

LAUNCHER = Path(__file__).with_name("launch.py")


def render(socket: Path, programs: Iterable[str]) -> str:
    """Paths are relative to the supervisor's folder, where supervisord is started, wherever they may be.

    One file instead of an ``include``: supervisord takes the folder's own name for a pattern there.
    """
    head = f"""\
[supervisord]
logfile = log/supervisord.log
logfile_maxbytes = 1MB
logfile_backups = 1
pidfile = supervisord.pid
umask = 077
minfds = 256
minprocs = 1
nocleanup = true

[unix_http_server]
file = {_escape(str(socket))}
chmod = 0600

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""
    return "\n".join([head, *(_section(name) for name in sorted(programs))])


def _section(name: str) -> str:
    command = " ".join(_quote(word) for word in (sys.executable, "-P", str(LAUNCHER), f"conf.d/{name}.json"))
    return f"""\
[program:{name}]
command = {command}
autorestart = true
startsecs = 1
startretries = 20
stopwaitsecs = 35
stopasgroup = true
redirect_stderr = true
stdout_logfile = log/{name}.log
stdout_logfile_maxbytes = 10MB
stdout_logfile_backups = 1
"""


def _escape(text: str) -> str:
    return text.replace("%", "%%")


def _quote(word: str) -> str:
    # A blank before ; or # begins a comment, even inside quotes: an empty pair of quotes parts them.
    return _escape(shlex.quote(word)).replace(" ;", " '';").replace(" #", " ''#")
