"""The admin of the kinds of entry: one form for who it is and what a reader reads, versioned."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, cast

from cms.admin.placeholderadmin import FrontendEditableAdminMixin
from cms.admin.utils import CONTENT_PREFIX
from cms.toolbar.utils import get_object_preview_url
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from djangocms_versioning.constants import DRAFT, PUBLISHED
from djangocms_versioning.models import Version

from content import edition, renaming
from content.admin import earlier, form_address, together, used
from content.admin.english import as_typed, beside
from content.admin.entry_list import EntryListAdmin
from content.admin.writing import Writing
from content.look_up import LongSelect
from content.models import Entry, EntryContent, UrgentEntryContent, content_models
from content.models.base import LONGEST_SLUG
from content.prose_editor import KeysEditor, LinesEditor, ProseEditor
from content.review import signing
from content.text.hints import HandedOn, Words

if TYPE_CHECKING:
    from django.contrib.admin.filters import _ListFilterChoices

FIRST = ("name", "other_names", "summary", "key_message")
URGENT = ("act_emergency", "act_same_day", "act_next_visit")
REVIEW = ("written_by", "checked_on", "next_check_due", "change_note")


class TextFilter(admin.SimpleListFilter):
    """Most entries are only planned: they would bury those with a text."""

    title, parameter_name = _("text"), "text"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Words]]:
        self._admin = cast("EntryAdmin", model_admin)
        return [("planned", _("Planned, no text yet")), ("all", _("All"))]

    def choices(self, changelist: ChangeList) -> Iterator[_ListFilterChoices]:
        every, *others = super().choices(changelist)
        every["display"] = _("With a text")
        yield every
        yield from others

    def queryset(self, request: HttpRequest, queryset: models.QuerySet) -> models.QuerySet:
        if self.value() == "all":
            return queryset
        contents = self._admin.content_model.admin_manager.filter(**self._admin.current_content_filters)
        # Of each entry by itself: a page of the list stops at its fiftieth.
        has_text = Exists(contents.filter(entry=OuterRef("pk")))
        return queryset.filter(~has_text if self.value() == "planned" else has_text)


class _DaysInOrder(forms.ModelForm):
    """The database refuses a next check before this one; django CMS's form would not ask the model."""

    def clean(self) -> dict[str, HandedOn]:
        cleaned = super().clean() or self.cleaned_data
        checked, due = (cleaned.get(CONTENT_PREFIX + name) for name in ("checked_on", "next_check_due"))
        if checked and due and due <= checked:
            self.add_error(
                f"{CONTENT_PREFIX}next_check_due",
                _("The next check must be due after the day of this check."),
            )
        return cleaned


class _NothingOverwritten(forms.ModelForm):
    """Refuses to save over what somebody else saved since the form was opened; what was typed stays in the form.

    Shown again it carries the newer stamp: whoever has read both texts can save what they made of them.
    """

    stored: ClassVar[EntryContent | None]

    def clean(self) -> dict[str, HandedOn]:
        cleaned = super().clean() or self.cleaned_data
        stored, stamp = self.stored, self.data.get("stamp")
        if stored is None or not stamp or stamp == signing.digest(stored):
            return cleaned
        self.add_error(None, _conflict(stored))
        for field in stored._meta.concrete_fields:
            name = CONTENT_PREFIX + field.name
            if name not in self.fields or name not in cleaned:
                continue
            theirs, mine = as_typed(getattr(stored, field.name)), as_typed(cleaned[name])
            if theirs != mine:
                words = theirs or _("nothing")
                self.add_error(name, format_html("{} {}", _("Saved meanwhile:"), words))
        return cleaned


def _conflict(stored: EntryContent) -> Words:
    """Who saved last, and when."""
    edit = stored.versions.get().edits.select_related("user").order_by("-edited_at").first()
    if edit is None:
        return _(
            "This draft was saved by somebody else after you opened it. Your text is still here; the other one "
            "stands beside each field that differs. Make one of both, then save."
        )
    return _(
        "%(name)s saved this draft at %(time)s, after you opened it. Your text is still here; theirs stands beside "
        "each field that differs. Make one of both, then save."
    ) % {
        "name": edit.user.get_full_name() or edit.user.get_username(),
        "time": date_format(timezone.localtime(edit.edited_at), "H:i"),
    }


class EntryAdmin(Writing, EntryListAdmin):
    """List, form, language tabs and version actions of one kind. Built from the content model alone."""

    grouper_field_name = "entry"
    extra_grouping_fields = ("language",)
    list_display = ("content__name", "slug", "content__next_check_due", "admin_list_actions")
    list_filter = (TextFilter,)
    list_per_page = 40  # each line has a menu of its own
    show_full_result_count = False
    search_fields = ("slug", "content__name", "content__other_names")
    actions = ("set_next_check", "send_ready", "publish_ready")
    EMPTY_CONTENT_VALUE = _("No text yet")

    @admin.action(description=_("Set the next check"), permissions=["change"])
    def set_next_check(self, request: HttpRequest, rows: models.QuerySet) -> HttpResponse:
        """Of the newest version of each, in the language of the list."""
        return together.ask_next_check(request, self._newest_of(request, rows))

    @admin.action(description=_("Send for sign-off"), permissions=["change"])
    def send_ready(self, request: HttpRequest, rows: models.QuerySet) -> None:
        """Each to who signed it last; says of each other why it is not."""
        together.send(request, self._newest_of(request, rows))

    @admin.action(description=_("Publish what is ready"), permissions=["change"])
    def publish_ready(self, request: HttpRequest, rows: models.QuerySet) -> None:
        """Says of each other why it is not."""
        together.publish(request, self._newest_of(request, rows))

    def _newest_of(self, request: HttpRequest, rows: models.QuerySet) -> list[EntryContent]:
        language = self.get_language_from_request(request)
        contents = self.content_model.admin_manager.filter(Q(entry__in=rows.values("pk")), language=language)
        return list(contents.current_content().select_related("entry"))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Each draft's menu asks whether it may go public: what all texts are held against is read once."""
        if request.method != "GET":
            return super().changelist_view(request, extra_context)
        with edition.of_one_page():
            response = super().changelist_view(request, extra_context)
            return response.render() if isinstance(response, TemplateResponse) else response

    def get_fieldsets(self, request: HttpRequest, obj: models.Model | None = None) -> list:
        return _fieldsets(self.content_model, "public_address" if obj else "slug")

    @admin.display(description=_("address"))
    def public_address(self, entry: Entry) -> str:
        """It is printed on leaflets: changed by renaming, which redirects."""
        return entry.get_absolute_url()

    def get_form(self, request: HttpRequest, obj: models.Model | None = None, **kwargs: object) -> type:
        made = super().get_form(request, obj, **kwargs)
        before = {"stored": self._stored(obj, request)} if obj else {}
        mixins = (_NothingOverwritten, _DaysInOrder) if obj else (_DaysInOrder,)
        form: type[forms.ModelForm] = type(made.__name__, (*mixins, made), before)
        if "slug" in form.base_fields:
            form.base_fields["slug"] = copy.deepcopy(form.base_fields["slug"])
            form.base_fields["slug"].label = _("Last part of the address")
        looked_up = {CONTENT_PREFIX + name: name for name in editors(self.content_model)}
        for name, shared in form.base_fields.items():
            if not name.startswith(CONTENT_PREFIX):
                continue
            # Every form of this kind is made of the same fields: what is changed here stays here.
            field = form.base_fields[name] = copy.deepcopy(shared)
            if name != f"{CONTENT_PREFIX}name":
                field.required = False  # a draft needs an address and a name; the gate asks for the rest
            if name in looked_up:
                field.widget = _editor(looked_up[name])
                field.widget.is_required = False
            elif isinstance(field, forms.ModelChoiceField):
                field.widget = LongSelect(field.widget.attrs)
                field.widget.choices = field.choices
        if obj is not None and (language := self.get_language_from_request(request)) != "en":
            self._beside_english(form, obj, language)
        return form

    def _beside_english(self, form: type[forms.ModelForm], obj: models.Model, language: str) -> None:
        """Written from its right side where the language is, with the English words below."""
        english = self.content_model.objects.filter(entry=obj, language="en").first()
        english_of = ("name", "summary", *editors(self.content_model))
        beside(form, english, {CONTENT_PREFIX + name: name for name in english_of}, language)
        beside(form, None, {f"{CONTENT_PREFIX}change_note": "change_note"}, language)

    def _stored(self, obj: models.Model, request: HttpRequest) -> EntryContent | None:
        """The newest version in the language of the form, as it is now. A page that only shows it asks once."""
        language = self.get_language_from_request(request)
        asked = request.__dict__.setdefault("_stored", {})
        if request.method != "GET" or (obj.pk, language) not in asked:
            rows = self.content_model.admin_manager.filter(entry=obj, language=language)
            asked[obj.pk, language] = rows.current_content().select_related("entry").first()
        stored: EntryContent | None = asked[obj.pk, language]
        return stored

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> list[str]:
        fixed = ["public_address"] if obj else []
        return [*super().get_readonly_fields(request, obj), *fixed]

    def get_content_field(
        self, obj: models.Model, field_name: str, request: HttpRequest | None = None
    ) -> object:
        value = super().get_content_field(obj, field_name, request)
        return "\n".join(value) if isinstance(value, list) else value

    def get_extra_context(self, request: HttpRequest, object_id: str | None = None) -> dict[str, object]:
        if object_id and not object_id.isdecimal():  # django CMS would look for it and fail
            raise Http404
        context = super().get_extra_context(request, object_id)
        if content := context.get("content_instance"):
            told = self.content_model.admin_manager.filter(entry=content.entry_id).order_by()
            context["filled_languages"] = told.values_list("language", flat=True).distinct()
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}_earlier"
            url = reverse(name, args=[content.entry_id, content.language])
            if request.method == "GET":
                self._read_once(request, content)
            context |= {"title": content.name, "earlier_url": url}
        else:
            context["title"] = context["subtitle"]
        return context | {"subtitle": None}

    def _read_once(self, request: HttpRequest, content: EntryContent) -> None:
        """The entry and the version that is shown, with its signature: versioning's buttons, our row of steps and
        Django's form each ask for them."""
        version = Version.objects.get_for_content(content)
        signing.load([version])
        content._prefetched_versions = [version]  # type: ignore[attr-defined] # where versioning looks first
        request.__dict__["_entry"] = content.entry
        if self._requested_content_obj is None and version.state in (DRAFT, PUBLISHED):
            language = self.get_language_from_request(request)
            request.__dict__.setdefault("_stored", {})[content.entry_id, language] = content

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Django reads it anew, with all of its text."""
        entry = request.__dict__.pop("_entry", None)
        is_this = entry is not None and from_field is None and str(entry.pk) == object_id
        return entry if is_this else super().get_object(request, object_id, from_field)

    def is_latest_content_obj(self, content_obj: Any, obj: Any = None) -> bool:
        """What nobody asked for by its number is."""
        return self._requested_content_obj is None or super().is_latest_content_obj(content_obj, obj)

    def get_content_readonly_message(
        self, request: HttpRequest, content_obj: EntryContent | None
    ) -> Words | None:
        """For most it is not a matter of permission: readers see this version."""
        reason = super().get_content_readonly_message(request, content_obj)
        if content_obj is None or content_obj.versions.get().state == DRAFT:
            return reason
        return _("This is a version as it stands on record. To change the text, make a new draft of it")

    def render_change_form(self, request: HttpRequest, context: dict, **kwargs: object) -> HttpResponse:
        """No buttons to save what cannot be changed; a stamp of the text that the form shows."""
        entry = context.get("original")
        if isinstance(entry, Entry):
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}_rename"
            context["used_url"] = used.address(self, entry.pk)
            if self.has_change_permission(request, entry):
                context["rename_url"] = reverse(name, args=[entry.pk])
        stored = self._stored(entry, request) if isinstance(entry, models.Model) else None
        if stored:
            context["stamp"] = signing.digest(stored)
        if context.get("can_change_content_obj") and IS_POPUP_VAR not in request.GET:
            context["workflow"] = self.workflow_of(request, stored)
        if not context.get("can_change_content_obj", True):
            context |= {
                "show_save": False,
                "show_save_and_continue": False,
                "show_save_and_add_another": False,
            }
        return super().render_change_form(request, context, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        name, view = f"{self.opts.app_label}_{self.opts.model_name}", self.admin_site.admin_view
        return [
            path("<int:pk>/text/<str:language>/", view(self.text_view), name=f"{name}_text"),
            path("<int:pk>/newest/<str:language>/", view(self.newest_view), name=f"{name}_newest"),
            path("<int:pk>/earlier/<str:language>/", view(self.earlier_view), name=f"{name}_earlier"),
            *self.writing_urls(),
            path("<int:pk>/rename/", view(self.rename_view), name=f"{name}_rename"),
            used.url(self),
            *super().get_urls(),
        ]

    def text_view(self, request: HttpRequest, pk: int, language: str) -> HttpResponse:
        """The form with the draft's text; where everything is published, asks to make a draft first."""
        rows = self.content_model.admin_manager.filter(entry=pk, language=language)
        newest = rows.current_content().select_related("entry").first()
        form_url = form_address.of_row(self.model, pk, language=language)
        if newest is None or (version := newest.versions.get()).state == DRAFT:
            return redirect(form_url)
        allowed = version.check_edit_redirect.as_bool(request.user)
        if request.method == "POST" and allowed is True:
            version.copy(request.user)
            return redirect(form_url)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Edit %(name)s") % {"name": newest},
            "why_not": "" if allowed is True else str(allowed),
        }
        return TemplateResponse(request, "admin/content/new_draft.html", context)

    def earlier_view(self, request: HttpRequest, pk: int, language: str) -> HttpResponse:
        entry = get_object_or_404(self.model, pk=pk)
        if not self.has_view_permission(request, entry):
            raise PermissionDenied
        contents = self.content_model.admin_manager.filter(entry=pk, language=language)
        content = get_object_or_404(contents.current_content().select_related("entry"))
        may_change = self.has_change_permission(request, entry)
        return earlier.view(self, request, content, text_url=form_address.of(content), may_change=may_change)

    def rename_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asks for the new address, shows what it changes, and does it."""
        entry = get_object_or_404(self.model, pk=pk)
        if not self.has_change_permission(request, entry):
            raise PermissionDenied
        form = RenameForm(request.POST or None, entry=entry)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Rename: %(name)s") % {"name": entry},
            "entry": entry,
            "form": form,
        }
        if request.method == "POST" and form.is_valid():
            new, old = form.cleaned_data["slug"], entry.slug
            if "confirm" in request.POST:
                renaming.rename(entry.kind, old, new)
                self.log_change(request, entry, f"Renamed: {old} is now {new}.")
                messages.success(request, _("Renamed. The old address leads to the new one for good."))
                return redirect(form_address.of(entry))
            context["plan"] = renaming.plan(entry, new)
        return TemplateResponse(request, "admin/content/rename.html", context)

    def newest_view(self, request: HttpRequest, pk: int, language: str) -> HttpResponse:
        """To the preview of the newest version, which the toolbar cannot know before there is a draft."""
        rows = self.content_model.admin_manager.filter(entry=pk, language=language).current_content()
        return redirect(get_object_preview_url(get_object_or_404(rows)))

    def response_change(self, request: HttpRequest, obj: models.Model) -> HttpResponse:
        """Saved in the toolbar's window, it closes; Django would look for the page that opened a popup."""
        if IS_POPUP_VAR in request.POST:
            return TemplateResponse(request, "admin/cms/page/close_frame.html")
        answer = self.after_saving(request, self._stored(obj, request))
        return answer or super().response_change(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Entries are unpublished, never deleted: their record is evidence."""
        return False


class RenameForm(forms.Form):
    """The new last part of an entry's address."""

    slug = forms.CharField(
        label=_("New last part of the address"),
        max_length=LONGEST_SLUG,
        help_text=_("Small letters, digits and hyphens. The old address leads to the new one for good."),
    )

    def __init__(self, data: QueryDict | None, *, entry: Entry) -> None:
        super().__init__(data, initial={"slug": entry.slug})
        self.entry = entry

    def clean_slug(self) -> str:
        new = self.cleaned_data["slug"].strip("/ ")
        if reason := renaming.why_not(self.entry, new):
            raise forms.ValidationError(reason)
        return str(new)


def prose_fields(model: type[EntryContent]) -> list[str]:
    """The fields that hold Markdown."""
    return ["key_message", *(section.name for section in model.SECTIONS if not section.built)]


def editors(model: type[EntryContent]) -> list[str]:
    """The fields with look-ups: those that hold Markdown, cite line by line, or name keys."""
    return [*prose_fields(model), *(name for name in (*URGENT, "leaflets", "signs") if hasattr(model, name))]


def _editor(name: str) -> ProseEditor:
    if name in URGENT:
        return LinesEditor()
    if name in ("leaflets", "signs"):
        return KeysEditor("source" if name == "leaflets" else "sign")
    return ProseEditor({"rows": 4}) if name == "key_message" else ProseEditor()


def _fieldsets(model: type[EntryContent], address: str) -> list:
    sections = [section.name for section in model.SECTIONS if not section.built]
    urgent = URGENT if issubclass(model, UrgentEntryContent) else ()
    blocks = [
        (None, (address,), ("language", *FIRST)),
        (_("Facts"), (), tuple(field.name for field in model.own_columns())),
        (_("When to act"), (), urgent),
        (_("Text"), (), tuple(sections)),
        (_("Check and change"), (), REVIEW),
    ]
    return [
        (title, {"fields": [*grouper, *(CONTENT_PREFIX + name for name in names)]})
        for title, grouper, names in blocks
        if grouper or names
    ]


class EntryContentAdmin(FrontendEditableAdminMixin, admin.ModelAdmin):
    """Behind the toolbar and the version list only; people use the grouper's admin.

    In edit mode a double click on a part of the page opens `edit_field` for the fields named here.
    """

    frontend_editable_fields: ClassVar[list[str]]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def edit_field(self, request: HttpRequest, object_id: str, language: str) -> HttpResponse:
        """Saved, the window closes over the new words; django CMS would show the same form again and say nothing."""
        response = super().edit_field(request, object_id, language)
        shown = (getattr(response, "context_data", None) or {}).get("adminform")
        if request.method == "POST" and shown and shown.form.is_bound and shown.form.is_valid():
            return TemplateResponse(request, "admin/content/saved_in_window.html")
        return response

    def _get_model_admin_and_permission(
        self, request: HttpRequest, obj: EntryContent
    ) -> tuple[admin.ModelAdmin, bool]:
        """The CMS's own check looks at the change permission only and would edit a published row."""
        version = obj.versions.first()
        return self, bool(version and version.check_modify.as_bool(request.user))

    def formfield_for_dbfield(
        self, db_field: models.Field, request: HttpRequest, **kwargs: object
    ) -> forms.Field | None:
        if db_field.name in editors(self.model):
            kwargs["widget"] = _editor(db_field.name)
        return super().formfield_for_dbfield(db_field, request, **kwargs)


def _editable_on_the_page(model: type[EntryContent]) -> list[str]:
    urgent = URGENT if issubclass(model, UrgentEntryContent) else ()
    return ["name", "other_names", "summary", *urgent, *prose_fields(model)]


for content_model in content_models().values():
    grouper = content_model.grouper()
    editable = {"frontend_editable_fields": _editable_on_the_page(content_model)}
    admin.site.register(content_model, type(f"{content_model.__name__}Admin", (EntryContentAdmin,), editable))
    admin.site.register(
        grouper, type(f"{grouper.__name__}Admin", (EntryAdmin,), {"content_model": content_model})
    )
