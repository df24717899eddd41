"""The real nginx with the real configuration, on ports of this machine: in front of a site, or of a server that tells
what it got."""

from __future__ import annotations

import datetime
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.live.server import ROOT, free_port
from tests.live.site import HOST

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
DEPLOY = ROOT / "immuno_site" / "deploy"
KEPT = {
    "kept": "public, max-age=60, stale-if-error=3600",
    "brief": "public, max-age=1, stale-if-error=2",
    "outage": "public, max-age=1, stale-if-error=3600",
    "drugs": "public, max-age=60, stale-if-error=3600",
    "search": "public, max-age=60, stale-if-error=3600",
}


AWAY = 0  # as a status: it hangs up


class _Told(BaseHTTPRequestHandler):
    """Answers every request with what arrived. Addresses below /kept/ may be kept, those below /brief/ for a second
    and two more while nobody answers; what has gone says, as page_cache.py does, that it takes their place."""

    protocol_version = "HTTP/1.0"
    server_version = "gunicorn"

    def do_GET(self) -> None:
        site: FakeSite = self.server
        length = int(self.headers.get("Content-Length") or 0)
        while length:
            length -= len(self.rfile.read(min(length, 65536)))
        site.asked.append(f"{self.command} {self.path}")
        status = site.statuses.get(self.path, site.status)
        if status == AWAY:
            return
        body = json.dumps({"headers": list(self.headers.items()), "number": len(site.asked)}).encode()
        self.send_response(status)
        kept = status == 200 and KEPT.get(self.path.split("/")[1])
        if status == 404:
            self.send_header("X-Accel-Expires", "1")
        self.send_header("Cache-Control", kept or "no-store, private")
        self.send_header("Vary", "Accept-Encoding")
        self.send_header("X-Frame-Options", "DENY")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - http.server looks for this name

    def log_message(self, *args: object) -> None:
        """Quiet."""


class FakeSite(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Told)
        self.asked: list[str] = []
        self.status = 200
        self.statuses: dict[str, int] = {}  # of single addresses


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    told: dict[str, object] = field(default_factory=dict)


@dataclass
class Proxy:
    """nginx while it runs."""

    folder: Path
    http: int
    https: int
    certificate: Path
    site: FakeSite | None = None

    def connect(self, host: str = HOST, *, sender: str = "127.0.0.1") -> ssl.SSLSocket:
        context = ssl.create_default_context(cafile=str(self.certificate))
        plain = socket.create_connection(("127.0.0.1", self.https), timeout=10, source_address=(sender, 0))
        return context.wrap_socket(plain, server_hostname=host)

    def ask(
        self, path: str, *, method: str = "GET", body: bytes = b"", sender: str = "127.0.0.1", **headers: str
    ) -> Answer:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        return self.say("\r\n".join(lines).encode() + b"\r\n\r\n" + body, sender=sender)

    def say(self, request: bytes, *, sender: str = "127.0.0.1") -> Answer:
        with self.connect(sender=sender) as connection:
            return read_answer(connection, request)


def read_answer(connection: socket.socket, request: bytes) -> Answer:
    with suppress(OSError):  # it has heard enough and answers
        connection.sendall(request)
    response = HTTPResponse(connection)
    response.begin()
    body = response.read()
    told = json.loads(body) if body.startswith(b"{") else {}
    return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, body, told)


@contextmanager
def real_nginx(folder: Path, *, seconds: int | None = None, more: str = "") -> Iterator[Proxy]:
    """In front of a server that tells what it got."""
    with FakeSite() as site:
        threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        with nginx_before(site.server_port, folder=folder, seconds=seconds, more=more) as proxy:
            proxy.site = site
            yield proxy
        site.shutdown()


@contextmanager
def nginx_before(
    port: int, *, folder: Path, data: Path | None = None, seconds: int | None = None, more: str = ""
) -> Iterator[Proxy]:
    """In front of whoever listens there. `data` is a site's DATA_DIR, for its static files and error pages; with
    `seconds` clients are waited for no longer than that: no test has to wait as long as production. `more` is what
    an operator adds."""
    proxy = Proxy(folder, free_port(), free_port(), folder / "fullchain.pem")
    configuration = _write(proxy, port=port, data=data or folder / "data", seconds=seconds, more=more)
    command = [NGINX, "-p", str(folder), "-c", str(configuration), "-g", "daemon off;"]
    with (folder / "start.log").open("w") as log:
        process = subprocess.Popen(command, stderr=log)
    try:
        _wait_for(proxy, process)
        yield proxy
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(proxy: Proxy, process: subprocess.Popen) -> None:
    for _ in range(200):
        if process.poll() is not None:
            raise RuntimeError((proxy.folder / "start.log").read_text())
        try:
            socket.create_connection(("127.0.0.1", proxy.https), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("nginx does not listen.")


def _write(proxy: Proxy, *, port: int, data: Path, seconds: int | None, more: str) -> Path:
    """The configuration as it is deployed, but for places and ports of this machine."""
    folder = proxy.folder
    places = [folder / name for name in ("bodies", "cache", "log")]
    places += [data / name for name in ("static", "errors/en", "errors/he")]
    for place in places:
        place.mkdir(parents=True, exist_ok=True)
    certify(folder)
    shutil.copy(DEPLOY / "nginx-headers.conf", folder)
    text = (DEPLOY / "nginx.conf").read_text()
    for there, here in {
        "/etc/nginx/immuno-headers.conf": f"{folder}/nginx-headers.conf",
        "/etc/immuno/tls": str(folder),
        "/var/www/acme": f"{folder}/acme",
        "/etc/nginx/immuno-brotli": f"{folder}/brotli",
        "/var/log/nginx": f"{folder}/log",
        "/var/cache/nginx/immuno": f"{folder}/cache",
        "/run/immunobodies": f"{folder}/bodies",
        "/var/lib/immuno": str(data),
        "127.0.0.1:8000": f"127.0.0.1:{port}",
    }.items():
        assert there in text, f"{there} stands no longer in nginx.conf"
        text = text.replace(there, here)
    if seconds:
        text = re.sub(r"(client_\w+_timeout) \d+s;", rf"\1 {seconds}s;", text)
    lines = []
    for line in text.splitlines():
        if "listen [::]" not in line:
            line = line.replace("listen 80", f"listen 127.0.0.1:{proxy.http}")
            lines.append(line.replace("listen 443", f"listen 127.0.0.1:{proxy.https}"))
    (folder / "site.conf").write_text("\n".join(lines))
    main = folder / "nginx.conf"
    user = "user root;" if os.getuid() == 0 else ""
    others = " ".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main.write_text(
        f"{user} worker_processes 1; pid {folder}/pid; error_log {folder}/log/start.log;\n"
        # As deploy/README.md says: the default of 512 is used up by a few hundred visitors who wait.
        "worker_rlimit_nofile 10240; events { worker_connections 4096; }\n"
        f"http {{ include /etc/nginx/mime.types; {others} {more} include {folder}/site.conf; }}\n"
    )
    return main


def certify(folder: Path, *, days: int = 1) -> None:
    """A certificate of our own that ends in so many days, or has ended."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=30))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
