"""Where signed-in sessions lie. Django finds this file by SESSION_ENGINE, and the class by its name."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db

from immuno_site.accounts import models


class SessionStore(db.SessionStore):
    @classmethod
    def get_model_class(cls) -> type[models.Session]:
        return models.Session

    def create_model_instance(self, data: dict[str, Any]) -> models.Session:
        row = super().create_model_instance(data)
        if not isinstance(row, models.Session):
            raise TypeError("The session is a row of another table.")
        row.account = data.get(SESSION_KEY)
        return row
