"""What scanners of the whole web look for first is not here, and says so without showing anything."""

import pytest

LEFT_LYING_ELSEWHERE = [
    "/.env",
    "/.git/config",
    "/.git/HEAD",
    "/__debug__/",
    "/backup.sql",
    "/backup.zip",
    "/backups/",
    "/db.sqlite3",
    "/media/",
    "/private/",
    "/requirements.lock",
    "/server-status",
    "/site.sqlite3",
    "/site.sqlite3-wal",
    "/static/",
    "/static/.env",
    "/static/%2e%2e/manage.py",
    "/static/../manage.py",
    "/var/site.sqlite3",
    "/wp-login.php",
]


@pytest.mark.django_db
@pytest.mark.parametrize("path", LEFT_LYING_ELSEWHERE)
def test_what_is_left_lying_elsewhere_is_not_here(client, path):
    assert client.get(path, follow=True).status_code == 404
