"""Redis for things the site can do without: while it is away, nothing is remembered and nothing fails.

Sign-in leans on this cache for its wider limits only; the lock of axes, used codes and sessions are rows in the
database. `caches["pages"]` is not of this kind: immuno_site/page_cache.py wants to know of every outage.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

from content.text.hints import HandedOn

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")


class ForgivingRedisCache(RedisCache):
    def add(self, *args: HandedOn, **kwargs: HandedOn) -> bool:
        return self._unless_away(super().add, True, *args, **kwargs)

    def get(self, key: str, default: object = None, version: int | None = None) -> object:
        return self._unless_away(super().get, default, key, default, version)

    def set(self, *args: HandedOn, **kwargs: HandedOn) -> None:
        self._unless_away(super().set, None, *args, **kwargs)

    def delete(self, *args: HandedOn, **kwargs: HandedOn) -> bool:
        return self._unless_away(super().delete, False, *args, **kwargs)

    def clear(self) -> None:
        self._unless_away(super().clear, None)

    @staticmethod
    def _unless_away(
        do: Callable[..., Answer], instead: Answer, *args: HandedOn, **kwargs: HandedOn
    ) -> Answer:
        try:
            return do(*args, **kwargs)
        except RedisError as error:
            logger.warning("Redis did not answer: %s.", type(error).__name__)
            return instead
