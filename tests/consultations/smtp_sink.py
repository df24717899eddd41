"""A mail server for tests, on this machine: takes letters, refuses them, hangs, or dies with one in its hands."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message


class _Dialog(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        sink: SmtpSink = self.server
        if sink.manner == "hang":
            sink.is_asked.set()
            sink.is_over.wait(20)
            sink.has_hung_up.set()
            return
        self._say("220 sink")
        while line := self.rfile.readline().strip().upper():
            if line.startswith(b"QUIT"):
                return self._say("221 bye")
            if line.startswith(b"DATA"):
                if not self._take_letter(sink):
                    return None
            elif line.startswith(b"RCPT") and sink.manner == "refuse":
                self._say("451 the mailbox of anna@example.org rests")
            else:
                self._say("250 ok")
        return None

    def _take_letter(self, sink: SmtpSink) -> bool:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        sink.letters.append(message_from_bytes(b"".join(lines)))
        if sink.manner == "die":
            return False
        self._say("250 taken")
        return True

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


class SmtpSink(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Dialog)
        self.manner = "take"
        self.letters: list[Message] = []
        self.is_asked, self.has_hung_up, self.is_over = (threading.Event() for _ in range(3))

    @property
    def port(self) -> int:
        return self.server_address[1]


@contextmanager
def smtp_sink(port: int = 0) -> Iterator[SmtpSink]:
    with SmtpSink(port) as sink:
        threading.Thread(target=sink.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield sink
        sink.is_over.set()
        sink.shutdown()
