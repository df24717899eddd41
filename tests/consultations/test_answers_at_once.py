"""One answer of staff, sent fifty times at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client

from immuno_site.consultations.models import Message, OutgoingMail
from tests.consultations.factories import create_taken
from tests.consultations.inbox import address


@pytest.mark.django_db(transaction=True)
def test_fifty_sendings_of_one_answer_make_one_message(as_coordinator: Client, coordinator: User) -> None:
    sent = create_taken(by=coordinator, language="ru")
    page = as_coordinator.get(address(sent))
    form = str(page.context["sends"]["form"]["form"].value())
    typed = {"seen": page.context["seen"], "form": form, "words": "Once"}

    def send(_number: int) -> int:
        client = Client()
        client.cookies = as_coordinator.cookies
        try:
            return client.post(address(sent, "send"), typed).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(50) as room:
        statuses = list(room.map(send, range(50)))
    assert set(statuses) == {302}
    assert Message.objects.count() == OutgoingMail.objects.filter(kind="message").count() == 1
