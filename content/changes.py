"""What readers see has changed: one signal, and the function that sends it. Whoever changes it says so by itself."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Model
from django.dispatch import Signal

# Sent within the transaction. The page cache listens, and acts on commit, once for the whole transaction; search
# listens for `facts`, the rows that came up or were taken off.
public_content_changed = Signal()


def announce_change(facts: Iterable[Model] = ()) -> None:
    """Tells whoever keeps finished pages, or an index of what is public."""
    public_content_changed.send(sender=None, facts=facts)
