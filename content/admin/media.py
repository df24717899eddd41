"""Pictures and leaflets in the admin: uploaded once, then named by blocks."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from content import uploads
from content.account import signed_in
from content.admin import used
from content.models import Leaflet, LeafletFile, Picture, Rendition
from content.models.media import WIDTHS, Media
from content.text.hints import HandedOn, Words

QUALITIES = (78, 65, 50, 35, 20)
PICTURES = ".jpg,.jpeg,.png"  # as a field of a form accepts them
SHORTEST_SIDE = 200  # pixels: what is smaller is an icon


def renditions_of(jpeg: bytes) -> dict[tuple[int, int], bytes]:
    """(width, height) -> WebP that weighs no more than its width may. Never larger than the picture is."""
    from PIL import Image  # here, because only who uploads a picture needs it

    made = {}
    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as picture:
        if min(picture.size) < SHORTEST_SIDE:
            raise ValidationError(
                _("The picture is too small: %(side)d pixels at least.") % {"side": SHORTEST_SIDE}
            )
        for width, most in WIDTHS.items():
            narrow = min(width, picture.width)
            small = picture.convert("RGB").resize((narrow, round(picture.height * narrow / picture.width)))
            for quality in QUALITIES:
                data = io.BytesIO()
                small.save(data, "WEBP", quality=quality, method=6)
                if data.tell() <= most:
                    break
            else:
                raise ValidationError(
                    _("It has too much fine detail to load on a phone. Cut out what matters.")
                )
            made[small.size] = data.getvalue()
    return made


# As Django's own method has it.
Fields = list[str | list[str] | tuple[str, ...] | tuple[()]]


class LookedInto(forms.FileField):
    """Hands on what `take` makes of the file; what the house refuses is said below the field."""

    def __init__(self, take: Callable[[UploadedFile], HandedOn], **kwargs: HandedOn) -> None:
        super().__init__(**kwargs)
        self.take = take

    def clean(self, data: HandedOn, initial: HandedOn = None) -> HandedOn:
        upload = super().clean(data, initial)
        if not upload:
            return upload
        try:
            return self.take(upload)
        except uploads.Refused as refused:
            raise ValidationError(str(refused)) from refused


class PictureForm(forms.ModelForm):
    file = LookedInto(
        take=lambda upload: renditions_of(uploads.house().drawn(upload)),
        label=_("picture"),
        help_text=_(
            "JPG or PNG. It is made smaller, and what the camera wrote into it (place, day) is left out."
        ),
        widget=forms.FileInput(attrs={"accept": PICTURES}),
    )


class LeafletForm(forms.ModelForm):
    file = LookedInto(
        take=lambda upload: uploads.house().leaflet(upload),
        label=_("PDF"),
        help_text=_(
            "At most 5 MB. It is looked into and scanned; nobody sees it before it stands on a public page."
        ),
        widget=forms.FileInput(attrs={"accept": ".pdf"}),
    )


class MediaAdmin(admin.ModelAdmin):
    """Added, found, looked at. Another file is another row, because signed pages show this one."""

    search_fields = ("name",)
    view_on_site = False
    new_form: ClassVar[type[forms.ModelForm]]  # with its file; what is there keeps it

    def get_form(
        self, request: HttpRequest, obj: Media | None = None, change: bool = False, **kwargs: HandedOn
    ) -> type[forms.ModelForm]:
        return super().get_form(request, obj, change, **kwargs | ({} if obj else {"form": self.new_form}))

    def get_readonly_fields(self, request: HttpRequest, obj: Media | None = None) -> tuple[str, ...]:
        return ("name", "shown", "added_by", "added_on") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Media | None = None) -> bool:
        """One that no block names, not even on record."""
        is_free = obj is None or not obj.blocks.exists()  # type: ignore[attr-defined] # the keys of its blocks
        return super().has_delete_permission(request, obj) and is_free

    def get_urls(self) -> list[URLPattern]:
        return [used.url(self), *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: dict, **kwargs: HandedOn) -> HttpResponse:  # type: ignore[override] # hands on
        if obj := context.get("original"):
            context["used_url"] = used.address(self, obj.pk)
        return super().render_change_form(request, context, **kwargs)

    def save_model(self, request: HttpRequest, obj: Media, form: forms.ModelForm, change: bool) -> None:
        if change:
            return super().save_model(request, obj, form, change)
        obj.added_by = signed_in(request)
        return self.keep(obj, form.cleaned_data["file"])

    def keep(self, obj: HandedOn, taken: HandedOn) -> None:
        raise NotImplementedError


@admin.register(Picture)
class PictureAdmin(MediaAdmin):
    new_form = PictureForm
    list_display = ("small", "name", "credit", "added_on")
    list_display_links = ("name",)

    @admin.display(description=_("picture"))
    def small(self, row: Picture) -> SafeString:
        return format_html('<img src="{}" width="96" alt="" loading="lazy">', row.addresses[0][1])

    @admin.display(description=_("picture"))
    def shown(self, row: Picture) -> SafeString:
        return format_html(
            '<img src="{}" width="{}" height="{}" alt="{}">',
            row.address(row.width),
            row.width,
            row.height,
            row.name,
        )

    def get_fields(self, request: HttpRequest, obj: Media | None = None) -> Fields:
        return ["name", "credit", "shown", "added_by", "added_on"] if obj else ["file", "name", "credit"]

    def get_readonly_fields(self, request: HttpRequest, obj: Media | None = None) -> tuple[str, ...]:
        return (*super().get_readonly_fields(request, obj), "credit") if obj else ()

    def keep(self, obj: Picture, taken: dict[tuple[int, int], bytes]) -> None:
        obj.width, obj.height = max(taken)
        obj.save()
        Rendition.objects.bulk_create(
            Rendition(picture=obj, width=width, webp=webp) for (width, _height), webp in taken.items()
        )


@admin.register(Leaflet)
class LeafletAdmin(MediaAdmin):
    new_form = LeafletForm
    list_display = ("name", "weight", "added_on")

    @admin.display(description=_("size"), ordering="size")
    def weight(self, row: Leaflet) -> str:
        return filesizeformat(row.size)

    @admin.display(description=_("PDF"))
    def shown(self, row: Leaflet) -> SafeString:
        words: Words = _("Open it")
        return format_html(
            '<a href="{}">{}</a> ({})', row.get_absolute_url(), words, filesizeformat(row.size)
        )

    def get_fields(self, request: HttpRequest, obj: Media | None = None) -> Fields:
        return ["name", "shown", "added_by", "added_on"] if obj else ["file", "name"]

    def keep(self, obj: Leaflet, taken: bytes) -> None:
        obj.size = len(taken)
        obj.save()
        LeafletFile.objects.create(leaflet=obj, pdf=taken)
