"""Stands between the site and a service: passes everything on, or nothing, or nonsense; and may change its mind."""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PASS, REFUSE, HANG, FAIL = "pass", "refuse", "hang", "fail"
SERVER_ERROR = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
RESET = struct.pack("ii", 1, 0)


class _Way(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        switch: Switch = self.server
        match switch.manner:
            case "pass":
                self._pass_on(switch.target)
            case "hang":
                self._swallow_answer(switch)
            case "fail":
                self._read_a_request()
                self.request.sendall(SERVER_ERROR)
            case "refuse":
                self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

    def _pass_on(self, target: int) -> None:
        try:
            there = socket.create_connection(("127.0.0.1", target), timeout=10)
        except OSError:
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            return
        there.settimeout(None)
        with there:
            back = threading.Thread(target=_pump, args=(there, self.request), daemon=True)
            back.start()
            _pump(self.request, there)
            back.join()

    def _swallow_answer(self, switch: Switch) -> None:
        """What is asked arrives and is done; nobody hears of it."""
        with socket.create_connection(("127.0.0.1", switch.target), timeout=10) as there:
            threading.Thread(target=_pump, args=(self.request, there), daemon=True).start()
            switch.has_changed.wait(300)

    def _read_a_request(self) -> None:
        """All of it: whoever is answered while still talking does not hear the answer."""
        self.request.settimeout(1)
        with suppress(OSError):
            while self.request.recv(65_536):
                continue


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65_536):
            sink.sendall(piece)
    for side in (source, sink):
        with suppress(OSError):
            side.shutdown(socket.SHUT_RDWR)


class Switch(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 100

    def __init__(self, target: int) -> None:
        super().__init__(("127.0.0.1", 0), _Way)
        self.target, self.manner = target, PASS
        self.has_changed = threading.Event()

    @property
    def port(self) -> int:
        return self.server_address[1]

    def turn(self, manner: str, *, target: int | None = None) -> None:
        self.manner, self.target = manner, target or self.target
        self.has_changed.set()  # whoever was left hanging is let go
        self.has_changed = threading.Event()

    def handle_error(self, *args: object) -> None:
        """Connections break here all the time: that is the point."""


@contextmanager
def switch_to(target: int) -> Iterator[Switch]:
    with Switch(target) as switch:
        threading.Thread(target=switch.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield switch
        finally:
            switch.turn(REFUSE)
            switch.shutdown()
