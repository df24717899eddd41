"""After a restore: erases once more whose requests were erased since the backup was made."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from immuno_site.backup import copying
from immuno_site.consultations.models import ConsultationRequest


class Command(BaseCommand):
    help = "Erase the requests that the list beside the backups names, should the database hold them again."

    def handle(self, *args: object, **options: object) -> None:
        back = ConsultationRequest.objects.filter(reference__in=copying.erased())
        number = 0
        for request in back:
            request.erase(by=None, now=timezone.now())
            number += 1
        self.stdout.write(f"{number} requests that had been erased were erased again.")
