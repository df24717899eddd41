"""A coordinator with a password and an authenticator app, and a clock that can be turned."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest
from django.contrib.auth.models import User

from tests.staff import create_staff, give_second_factor


@dataclass
class Clock:
    now: float

    def forward(self, *, minutes: float = 0, seconds: float = 0) -> None:
        self.now += minutes * 60 + seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The middle of a half minute, so that no code changes while a test runs."""
    clock = Clock(time.time() // 30 * 30 + 15)
    monkeypatch.setattr(time, "time", lambda: clock.now)
    return clock


@pytest.fixture
def ruth(db: None) -> User:
    return create_staff("ruth", "view_user", with_second_factor=False)


@pytest.fixture
def secret(ruth: User) -> str:
    """Of Ruth's authenticator app."""
    return give_second_factor(ruth)
