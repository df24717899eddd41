"""Pages that the web server opens before it makes its workers."""

from __future__ import annotations

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.db.utils import OperationalError

from content.models import content_models
from immuno_site.first_pages import open_first_pages

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(one_connection: None) -> dict[str, str]:
    """The statuses of the pages that were opened, by address. Setting Django up once more would silence all loggers."""
    application, statuses = WSGIHandler(), {}

    def watched(environ, start_response):
        def start(status, headers, error=None):
            statuses[environ["PATH_INFO"]] = status
            return start_response(status, headers, error)

        return application(environ, start)

    open_first_pages(watched)
    return statuses


def test_first_pages_are_all_there(opened):
    assert set(opened.values()) == {"200 OK"}


def test_first_pages_show_every_kind_and_language(opened):
    kinds = {content_models()[kind].objects.in_language("en").first() for kind in content_models()}
    assert {content.get_absolute_url() for content in kinds if content} <= set(opened)
    assert {"/", "/he/search/", "/ar/search/", "/ru/search/"} <= set(opened)


def test_server_starts_without_a_database():
    def is_away(execute, *arguments):
        raise OperationalError("away")

    with connection.execute_wrapper(is_away):
        open_first_pages(lambda environ, start_response: pytest.fail("Nothing can be shown."))
