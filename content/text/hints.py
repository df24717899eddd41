"""Names for types that annotations everywhere need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from django.utils.functional import Promise

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as Translated
else:
    Translated = Promise

# What people read: text, or text that is translated when it is shown.
Words: TypeAlias = str | Translated
# What a framework hands to a method of its own, and ours hands on unread.
HandedOn: TypeAlias = Any
