"""The official installer, run by the real Automation API against hosts that answer, stall and refuse."""

from __future__ import annotations

import contextlib
import datetime
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mlstack.engine.install import VERSION
from mlstack.engine.install.found import executable, version_of
from mlstack.engine.install.official import install
from mlstack.obtain import Unobtainable


@pytest.fixture
def said() -> list[str]:
    return []


@contextlib.contextmanager
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def use_proxy(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


def test_a_host_that_never_answers_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    with listening() as silent:
        use_proxy(monkeypatch, silent.getsockname()[1])
        with pytest.raises(Unobtainable, match=r"timed out|no answer in 1 s"):
            install(tmp_path, said.append, reach=1.0)
    assert said[0] == "trying the official installer"


def test_a_host_that_refuses_is_a_reason_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    with listening() as server:
        closed = server.getsockname()[1]
    use_proxy(monkeypatch, closed)
    with pytest.raises(Unobtainable, match="refused") as caught:
        install(tmp_path, said.append)
    assert "\n" not in str(caught.value)


class Host:
    """Answers any https request with one script: a proxy that ends the tunnel in itself."""

    def __init__(self, server: socket.socket, context: ssl.SSLContext, script: str) -> None:
        self.server, self.context, self.script = server, context, script.encode()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            connection, _ = self.server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                with self.context.wrap_socket(connection, server_side=True) as tls:
                    tls.recv(65536)
                    head = (
                        f"HTTP/1.1 200 OK\r\nContent-Length: {len(self.script)}\r\nConnection: close\r\n\r\n"
                    )
                    tls.sendall(head.encode() + self.script)


def certificate(folder: Path, host: str) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    made = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), now - day, now + day
        )
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return cert_file, key_file


@contextlib.contextmanager
def host(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Iterator[None]:
    cert_file, key_file = certificate(folder, "get.pulumi.com")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert_file, key_file)
    monkeypatch.setenv("SSL_CERT_FILE", str(cert_file))
    with listening() as server:
        use_proxy(monkeypatch, server.getsockname()[1])
        yield Host(server, context, script).thread.join(0)


INSTALLER = f"""#!/bin/sh
# The arguments of the official script: --no-edit-path --install-root DIR --version V
mkdir -p "$3/bin"
printf '#!/bin/sh\\necho v%s\\n' "$5" > "$3/bin/pulumi"
chmod +x "$3/bin/pulumi"
grep -q connect-timeout "$CURL_HOME/.curlrc" && [ "$5" = {VERSION} ]
"""


def test_what_the_installer_brings_is_left_in_the_stage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    stage = tmp_path / "stage"
    stage.mkdir()
    with host(tmp_path, monkeypatch, INSTALLER):
        install(stage, said.append)
    assert version_of(executable(stage)) == VERSION


def test_an_installer_that_fails_is_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    with (
        host(tmp_path, monkeypatch, "#!/bin/sh\necho no release for this machine\nexit 3\n"),
        pytest.raises(Unobtainable, match="no release for this machine"),
    ):
        install(tmp_path, said.append)


def test_an_installer_that_hangs_is_ended_with_all_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    pid_file = tmp_path / "pid"
    script = f"#!/bin/sh\nsleep 300 &\necho $! > {pid_file}\nwait\n"
    with host(tmp_path, monkeypatch, script), pytest.raises(Unobtainable, match="not finished after 4 s"):
        install(tmp_path, said.append, download=4.0)
    assert is_gone(int(pid_file.read_text(encoding="utf-8")))


def is_gone(pid: int) -> bool:
    import psutil

    for _ in range(50):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.1)
    return False
