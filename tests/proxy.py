"""A proxy such as stands before apps: it shows one below a path, strips the path or keeps it, and has limits."""

import http.client
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

REFUSAL = b"<html>\r\n<head><title>%d %s</title></head>\r\n<body>nginx</body>\r\n</html>\r\n"
HOP_BY_HOP = ("connection", "keep-alive", "transfer-encoding", "host", "content-length")


class Proxy(ThreadingHTTPServer):
    """Forwards what is below `path` to an app; `limit` bytes of a body at most, as nginx does by itself.

    tls: by which browsers reach it; None: they do by plain HTTP.
    """

    daemon_threads = True

    def __init__(self, app: str, path: str, strip: bool, limit: int, tls: ssl.SSLContext | None):
        self.app, self.path, self.strip, self.limit = urlsplit(app), path, strip, limit
        self.broken: str | None = None
        """What is answered in the app's place: a status and its phrase, such as "502 Bad Gateway"."""
        self.addresses: list[str] = []
        """What was asked for, as a proxy's log has it."""
        self.scheme = "https" if tls else "http"
        super().__init__(("127.0.0.1", 0), Handler)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_port}{self.path}/"


class Handler(BaseHTTPRequestHandler):
    server: Proxy

    def forward(self) -> None:
        size = int(self.headers.get("content-length") or 0)
        self.server.addresses.append(self.path)
        if self.server.broken:
            return self.refuse(*self.server.broken.split(" ", 1), size)
        if size > self.server.limit:
            return self.refuse("413", "Request Entity Too Large", size)
        above = self.server.path
        if not (self.path == above or self.path.startswith((f"{above}/", f"{above}?"))):
            # The icon of the host's own is asked for by browsers themselves.
            return self.refuse(*(("204", "No Content") if self.path == "/favicon.ico" else ("404", "Not Found")), size)
        path = (self.path.removeprefix(above) or "/") if self.server.strip else self.path
        app = http.client.HTTPConnection(self.server.app.hostname, self.server.app.port)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        headers |= {"Host": self.headers["host"], "Content-Length": str(size), "X-Forwarded-Proto": self.server.scheme}
        app.request(self.command, path, self.rfile.read(size), headers)
        answer = app.getresponse()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        with suppress(ConnectionError):  # a page that has closed hears no more
            while part := answer.read1(65536):
                self.wfile.write(part)
                self.wfile.flush()
        app.close()

    def __getattr__(self, name: str) -> object:
        if name.startswith("do_"):  # whatever the method
            return self.forward
        raise AttributeError(name)

    def refuse(self, status: str, phrase: str, size: int) -> None:
        self.rfile.read(size)
        self.send_response(int(status), phrase)
        self.send_header("Content-Type", "text/html")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(REFUSAL % (int(status), phrase.encode()))

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def before(
    app: str, path: str, strip: bool, limit: int = 1 << 40, tls: ssl.SSLContext | None = None
) -> Iterator[Proxy]:
    """Run a proxy before an app."""
    with Proxy(app, path, strip, limit, tls) as proxy:
        threading.Thread(target=proxy.serve_forever).start()
        yield proxy
        proxy.shutdown()
