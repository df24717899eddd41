"""Creates the reply templates of the first stock that are missing. Never changes one that is there."""

from __future__ import annotations

import tomllib
from pathlib import Path

from django.core.management.base import BaseCommand
from django.db import transaction

from immuno_site.consultations.models import ReplyTemplate

STOCK = Path(__file__).parents[2] / "reply_templates.toml"


class Command(BaseCommand):
    help = "Create the reply templates that come with the site, for each occasion and language without any."

    @transaction.atomic
    def handle(self, *args: object, **options: object) -> None:
        # By occasion and language: a template that a manager renamed is not created again beside itself.
        have = set(ReplyTemplate.objects.values_list("stage", "language"))
        rows = tomllib.loads(STOCK.read_text(encoding="utf-8"))["template"]
        missing = [row for row in rows if (row["stage"], row["language"]) not in have]
        for row in missing:
            template = ReplyTemplate(**row | {"text": row["text"].strip()})
            template.full_clean()
            template.save()
        self.stdout.write(f"{len(missing)} reply templates created, {len(rows) - len(missing)} kept.")
