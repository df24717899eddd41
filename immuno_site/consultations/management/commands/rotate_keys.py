"""Brings everything under the newest key."""

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from immuno_site.consultations import key_rotation


class Command(BaseCommand):
    help = (
        "Encrypt everything stored with the first of CONSULTATION_KEYS. Restart the site with the new key first; "
        "take the old one out afterwards. Interrupted? Start it again."
    )

    def handle(self, *args: object, **options: object) -> None:
        report = key_rotation.Report()
        total = key_rotation.number_of_rows()
        with tqdm(total=total, desc="Rotating", unit="row", file=self.stderr, disable=None) as bar:
            for _batch in key_rotation.rotate(report):
                bar.update(report.rows - bar.n)
        for place in report.unreadable:
            self.stderr.write(f"No key opens {place}.")
        self.stdout.write(
            f"{report.rotated} values encrypted anew, {report.current} had the newest key already."
        )
        if report.unreadable:
            raise CommandError("Keep the older keys: not everything could be opened.")
        self.stdout.write("The older keys can be taken out of CONSULTATION_KEYS.")
