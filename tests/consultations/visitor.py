"""A patient at the browser: answers pages, keeps cookies, reads what comes back."""

from __future__ import annotations

import datetime
import re
from html import unescape

from django.db.models import F
from django.http import HttpResponse
from django.test import Client

from immuno_site.consultations.models import Progress

ANSWERS: dict[str, dict[str, object]] = {
    "about": {
        "for_whom": "me",
        "cancer": "melanoma",
        "stage": "stage 3",
        "country": "US",
        "birth_year": "1962",
    },
    "question": {"question": "What can I do?\nAnd when?", "treatments": "Surgery in May."},
    "tests": {"pd_l1": "have"},
    "contact": {
        "name": "Anna",
        "email": "anna@example.org",
        "phone": "+1 555 010 0000",
        "contact_by": "email",
        "language": "en",
        "contact_when": "any",
        "may_leave_message": "no",
    },
    "consent": {"consent_use": "yes"},
}
CALLBACK = {
    "name": "Anna",
    "phone": "+1 555 010 0000",
    "contact_by": "phone",
    "language": "en",
    "consent_use": "yes",
}
FEEDBACK = {"about": "unclear", "words": "What does “adjuvant” mean?", "page": "/drugs/pembrolizumab/"}


def text_of(response: HttpResponse) -> str:
    return unescape(response.content.decode())


def token_in(response: HttpResponse) -> str:
    """The signed token of a form of one page."""
    return re.search(r'name="form" value="([^"]+)"', text_of(response))[1]


class Visitor(Client):
    """Django's test client that knows the way."""

    def begin(self, about: str = "") -> HttpResponse:
        return self.post("/consultation/", {"about": about})

    def answer(self, page: str, **changes: object) -> HttpResponse:
        return self.post(f"/consultation/{page}/", {**ANSWERS[page], **changes})

    def go_on_without_files(self) -> HttpResponse:
        return self.post("/consultation/documents/", {"go_on": "yes"})

    def answer_all(self, **changes: object) -> None:
        """Every page up to the last one; `changes` go to the page that has such a question."""
        self.begin()
        for page, answers in ANSWERS.items():
            own = {name: value for name, value in changes.items() if name in answers}
            response = self.answer(page, **own)
            assert response.status_code == 302, text_of(response)
            if page == "tests":
                self.go_on_without_files()
        self.think()

    def think(self) -> None:
        """As long as a person needs; a program is faster."""
        Progress.objects.update(started_at=F("started_at") - datetime.timedelta(minutes=9))

    def send(self) -> HttpResponse:
        return self.post("/consultation/check/", {"more_words": ""})

    def send_all(self, **changes: object) -> HttpResponse:
        self.answer_all(**changes)
        assert self.send().headers["Location"] == "/consultation/received/"
        return self.get("/consultation/received/")
