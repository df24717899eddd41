"""Pictures and leaflets of editors. Their bytes lie in tables of their own, so that no list loads them.

Neither is changed once it is there: a page that a clinician signed goes on showing what was signed.
"""

from __future__ import annotations

from cms.models import PageContent, Placeholder
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

# Width in pixels -> most bytes: a column on a phone, and on a sharp screen.
WIDTHS = {480: 40_000, 960: 90_000}


class MediaQuerySet(models.QuerySet["Media"]):
    def on_public_pages(self) -> MediaQuerySet:
        """What readers may ask for: nobody sees what stands in drafts alone."""
        kind = ContentType.objects.get_for_model(PageContent)
        public = PageContent.objects.order_by().values("pk")
        places = Placeholder.objects.filter(content_type=kind, object_id__in=public)
        return self.filter(blocks__placeholder__in=places).distinct()


class Media(models.Model):
    """What pictures and leaflets share."""

    name = models.CharField(
        _("name"),
        max_length=120,
        unique=True,
        help_text=_("By which editors find it; readers do not see it."),
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False
    )
    added_on = models.DateField(auto_now_add=True)

    objects = MediaQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Picture(Media):
    """A photograph or drawing. `width` and `height` in pixels, of the largest rendition."""

    credit = models.CharField(
        _("credit"),
        max_length=160,
        blank=True,
        default="",
        db_default="",
        help_text=_("Who made it, and the license. Readers see it below the picture."),
    )
    width = models.PositiveSmallIntegerField(editable=False)
    height = models.PositiveSmallIntegerField(editable=False)

    def address(self, width: int) -> str:
        return reverse("content:picture", args=[self.pk, width])

    @property
    def addresses(self) -> list[tuple[int, str]]:
        """With the width of each, the narrowest first: a small picture has one."""
        widths = sorted({min(width, self.width) for width in WIDTHS})
        return [(width, self.address(width)) for width in widths]


class Rendition(models.Model):
    """The picture in one width (pixels): WebP, drawn anew from what was uploaded, without the camera's notes."""

    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="renditions")
    width = models.PositiveSmallIntegerField()
    webp = models.BinaryField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=("picture", "width"), name="picture_once_in_each_width")
        ]

    def __str__(self) -> str:
        return f"{self.picture_id}, {self.width}"


class Leaflet(Media):
    """A PDF for readers. `size` in bytes."""

    size = models.PositiveIntegerField(editable=False)

    def get_absolute_url(self) -> str:
        return reverse("content:leaflet", args=[self.pk])


class LeafletFile(models.Model):
    """Its bytes, looked into and scanned before they were kept."""

    leaflet = models.OneToOneField(Leaflet, on_delete=models.CASCADE, primary_key=True, related_name="file")
    pdf = models.BinaryField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.leaflet_id)
