"""Words of choices as readers read them."""

from __future__ import annotations

from functools import cache

from django.db.models import TextChoices
from django.utils.translation import get_language


def label(choices: type[TextChoices], value: str) -> str:
    """As `get_..._display` has it, which looks at every choice in every language for each cell."""
    return _labels(choices, get_language()).get(value, value)


@cache
def _labels(choices: type[TextChoices], language: str) -> dict[str, str]:
    return {choice.value: str(choice.label) for choice in choices}
