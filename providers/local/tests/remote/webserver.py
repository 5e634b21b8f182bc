"""A web server of files: ETags, a page of links for a folder, and failures on demand."""

from __future__ import annotations

import datetime
import hashlib
import ipaddress
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit


class WebServer:
    """``requests`` are those that came, as "GET /name"; ``failures`` are statuses that the next ones get;
    ``marks`` says which headers tell a content (etag, last-modified); ``cut`` so many answers break off in
    the middle; ``claimed`` is the length that is told, whatever the file has."""

    def __init__(self, folder: Path, *, tls: bool = False) -> None:
        self.requests: list[str] = []
        self.failures: list[int] = []
        self.marks: set[str] = {"etag"}
        self.cut = 0
        self.claimed: int | None = None
        self.certificate = folder.with_name("certificate.pem")
        self._folder = folder
        folder.mkdir(exist_ok=True)
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_HEAD(self) -> None:
                owner.answer(self, body=False)

            def do_GET(self) -> None:
                owner.answer(self, body=True)

            def log_message(self, *_arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(_certificate(self.certificate))
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        port = self._server.server_address[1]
        self.address = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> WebServer:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def uri(self, name: str) -> str:
        return f"{self.address}/{name}"

    def put(self, name: str, content: bytes) -> None:
        (self._folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self._folder / name).write_bytes(content)

    def delete(self, name: str) -> None:
        (self._folder / name).unlink()

    def answer(self, request: BaseHTTPRequestHandler, *, body: bool) -> None:
        self.requests.append(f"{request.command} {request.path}")
        path = self._folder / unquote(urlsplit(request.path).path).lstrip("/")
        status, content = 200, b""
        if self.failures:
            status = self.failures.pop(0)
        elif path.is_dir():
            names = sorted(f"{each.name}/" if each.is_dir() else each.name for each in path.iterdir())
            content = "".join(f'<a href="{name}">{name}</a>\n' for name in names).encode()
        elif path.is_file():
            content = path.read_bytes()
        else:
            status = 404
        request.send_response(status)
        request.send_header("Content-Length", str(self.claimed or len(content)))
        if status == 200 and path.is_file():
            if "etag" in self.marks:
                request.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
            if "last-modified" in self.marks:
                request.send_header("Last-Modified", request.date_time_string(int(path.stat().st_mtime)))
        request.end_headers()
        if body:
            if self.cut and path.is_file():
                self.cut -= 1
                request.wfile.write(content[: len(content) // 2])
                request.close_connection = True
            else:
                request.wfile.write(content)


def _certificate(file: Path) -> Path:
    """Of 127.0.0.1, signed by itself, with its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file
