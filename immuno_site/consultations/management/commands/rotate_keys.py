"""Brings everything under the newest key."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from immuno_site.consultations import key_rotation
from immuno_site.consultations.models import RunningProcess
from immuno_site.keyring import keyring


class Command(BaseCommand):
    help = (
        "Encrypt everything stored with the first of CONSULTATION_KEYS. Restart the site with the new key first; "
        "take the old one out afterwards. Interrupted? Start it again."
    )

    def handle(self, *args: object, **options: object) -> None:
        self._refuse_while_others_write("Nothing was changed.")
        report = key_rotation.Report()
        total = key_rotation.number_of_rows()
        with tqdm(total=total, desc="Rotating", unit="row", file=self.stderr, disable=None) as bar:
            for _batch in key_rotation.rotate(report):
                bar.update(report.rows - bar.n)
        self.stdout.write(
            f"{report.rotated} values encrypted anew, {report.current} had the newest key already."
        )
        for place in report.unreadable:
            self.stderr.write(f"No key opens {place}.")
        if report.unreadable:
            raise CommandError(f"Keep the older keys: {len(report.unreadable)} values could not be opened.")
        self._refuse_while_others_write("Keep the older keys, and start again.")
        self.stdout.write("The older keys can be taken out of CONSULTATION_KEYS.")

    def _refuse_while_others_write(self, so: str) -> None:
        """What they store meanwhile would be unreadable once the old key is gone."""
        behind = RunningProcess.objects.left_behind(keyring().fingerprint, now=timezone.now())
        if not behind:
            return
        names = "".join(
            f"\n  {process}, seen {timezone.localtime(process.seen_at):%H:%M:%S}" for process in behind
        )
        raise CommandError(
            f"{so} These run with another key in front:{names}\n"
            "Restart them with the new key (restart, not reload). One that is gone is forgotten after 10 minutes."
        )
