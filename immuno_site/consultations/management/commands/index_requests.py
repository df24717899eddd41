"""Makes requests of earlier releases findable by name and by the last digits of the phone."""

from django.core.management.base import BaseCommand
from django.db import transaction

from immuno_site.consultations.models import Clue, ConsultationRequest
from immuno_site.keyring import Undecryptable


class Command(BaseCommand):
    help = "Index the names and phones of requests that are not indexed yet. Runs at each start of a release."

    def handle(self, *args: object, **options: object) -> None:
        indexed = 0
        for pk in list(ConsultationRequest.objects.filter(clues=None).values_list("pk", flat=True)):
            with transaction.atomic():
                request = ConsultationRequest.objects.select_for_update().filter(pk=pk).first()
                try:
                    indexed += bool(request and not Clue.objects.renew(request))
                except Undecryptable:
                    self.stderr.write(f"{request}: no key opens its name or phone.")
        self.stdout.write(f"{indexed} requests indexed.")
