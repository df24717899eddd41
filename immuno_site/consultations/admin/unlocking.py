"""Opening a file that no scan has found clean: with a permission of its own, a reason, and a line in the log."""

from __future__ import annotations

import uuid
from http import HTTPStatus

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from content.account import signed_in
from immuno_site.consultations.admin.room import REQUEST, opened, page, record, refuse
from immuno_site.consultations.fields import LineField
from immuno_site.consultations.models import AccessEvent, StaysLocked

UNLOCK = "consultations.unlock_attachment"


class UnlockForm(forms.Form):
    use_required_attribute = False
    reason = LineField(
        label=_("Why can it not wait for a scan?"),
        max_length=300,
        error_messages={"required": _("Write why it is opened without a scan.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def unlock_view(request: HttpRequest, pk: int, attachment: uuid.UUID) -> HttpResponse:
    row = opened(request, pk, to=AccessEvent.Action.UNLOCKED)
    if not request.user.has_perm(UNLOCK):
        refuse(request, AccessEvent.Action.UNLOCKED, reference=row.reference)
    file = get_object_or_404(row.attachments, pk=attachment)
    form = UnlockForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            file.unlock(reason=form.cleaned_data["reason"], by=signed_in(request), now=timezone.now())
            messages.success(request, gettext("Unlocked. Your reason is kept."))
        except StaysLocked:
            messages.error(request, gettext("This file stays locked."))
        return redirect(REQUEST, pk)
    record(request, AccessEvent.Action.VIEWED, reference=row.reference, attachment=file.pk)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return page(request, "unlock.html", _("Unlock a file"), status=status, row=row, file=file, form=form)
