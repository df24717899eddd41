"""Letters to staff leave after the answer, from a thread of their own.

A slow mail server must neither hold up a page nor tell known addresses from unknown ones by the time it takes.
Patients' letters have an outbox instead (consultations): they may not get lost, these can be asked for again.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor

from django.core.mail import EmailMessage
from django.db import transaction

logger = logging.getLogger(__name__)

_sender = ThreadPoolExecutor(max_workers=1, thread_name_prefix="letters")


def send_later(message: EmailMessage) -> None:
    transaction.on_commit(lambda: _sender.submit(_send, message))


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except Exception as error:  # whatever a mail server or its address may raise
        # Only the kind of error: its text may name the person.
        logger.error("A letter to a staff account could not be sent: %s.", type(error).__name__)
