"""Clinicians in the admin."""

from __future__ import annotations

import io

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from content import uploads
from content.admin.media import PICTURES, LookedInto
from content.changes import announce_change
from content.models import Clinician, ClinicianPhoto

PHOTO_SIDE = 320  # pixels: twice as wide as it is shown


class ClinicianForm(forms.ModelForm):
    """The clinician, and a photo that replaces the one before."""

    new_photo = LookedInto(
        take=lambda upload: _as_small_square(uploads.house().drawn(upload)),
        label=_("photo"),
        required=False,
        help_text=_(
            "Readers see it beside the name. Only with this person's consent. It replaces an older one."
        ),
        widget=forms.FileInput(attrs={"accept": PICTURES}),
    )
    remove_photo = forms.BooleanField(label=_("take the photo off"), required=False)

    class Meta:
        help_texts = {
            "biography": _("Readers see it below the name: two or three short sentences, in one language.")
        }


@admin.register(Clinician)
class ClinicianAdmin(admin.ModelAdmin):
    form = ClinicianForm
    list_display = ("name", "role", "license_number", "user", "is_shown", "is_demo")
    search_fields = ("name", "role")

    def has_delete_permission(self, request: HttpRequest, obj: Clinician | None = None) -> bool:
        """Who once signed stays on record."""
        return False

    def save_model(self, request: HttpRequest, obj: Clinician, form: forms.ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.cleaned_data.get("remove_photo"):
            ClinicianPhoto.objects.filter(clinician=obj).delete()
        elif webp := form.cleaned_data.get("new_photo"):
            ClinicianPhoto.objects.update_or_create(clinician=obj, defaults={"webp": webp})
        announce_change()


def _as_small_square(jpeg: bytes) -> bytes:
    """The middle of the picture as WebP."""
    from PIL import Image, ImageOps  # here, because only who uploads a photo needs it

    small = io.BytesIO()
    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as picture:
        square = ImageOps.fit(picture.convert("RGB"), (PHOTO_SIDE, PHOTO_SIDE))
    square.save(small, "WEBP", quality=80)
    return small.getvalue()
