"""Every named address, asked for by every kind of person, with both methods. The list comes from the resolver:
an address that nobody has thought about fails."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection, transaction
from django.http import HttpResponse
from django.template import Template
from django.template.loaders.base import Loader
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from content.page import component
from immuno_site.consultations.admin.steps import STEPS
from immuno_site.consultations.models import AccessEvent
from tests.consultations.conftest import private_folder  # noqa: F401 - files need a place of their own
from tests.consultations.factories import (
    NOW,
    create_feedback,
    create_mail,
    create_reply_template,
    create_request,
)
from tests.consultations.test_attachments import create_attachment
from tests.factories import create_draft, create_indication, create_occurrence, create_term
from tests.staff import create_staff

pytestmark = [pytest.mark.django_db, pytest.mark.longest]

# visitor: not signed in; stranger: signed in, not staff; newcomer: staff without a second factor.
PEOPLE = {
    "visitor": None, "stranger": None, "newcomer": "Manager", "editor": "Editor", "reviewer": "Clinical reviewer",
    "coordinator": "Coordinator", "manager": "Manager", "administrator": "Administrator",
}  # fmt: skip
SIGNED_IN = [name for name in PEOPLE if name not in ("visitor", "newcomer")]
LOGIN, ENROLL, HIDDEN, REFUSED, METHOD, OPEN, BROKEN = (
    "login", "enroll", "hidden", "refused", "method", "open", "broken",
)  # fmt: skip

Outcomes = dict[str, set[str]]  # person -> what may happen


@dataclass(frozen=True)
class Rule:
    """What happens at some addresses; the first rule that fits counts. A post like a get, unless it says more."""

    names: tuple[str, ...]
    get: Outcomes
    posted: Outcomes | None = None
    why: str = ""

    def fits(self, name: str) -> bool:
        return any(fnmatch(name, pattern) for pattern in self.names)

    @property
    def post(self) -> Outcomes:
        return self.posted or self.get


def _everybody(*outcomes: str, newcomer: str = ENROLL) -> Outcomes:
    """Who somebody is makes no difference; only a newcomer has to enroll first."""
    return {name: set(outcomes) for name in PEOPLE} | {"newcomer": {newcomer}}


def _account(*outcomes: str, newcomer: tuple[str, ...] = (ENROLL,)) -> Outcomes:
    """A person's own password and second factor."""
    own = {name: {OPEN, METHOD, *outcomes} for name in SIGNED_IN}
    return {"visitor": {LOGIN}, "newcomer": set(newcomer)} | own


def _room(*let_in: str, does: str = OPEN, told: tuple[str, ...] = ()) -> Outcomes:
    """Requests of patients: not signed in -> sign-in page; signed in without permission -> nothing is here."""
    outcomes = {"visitor": {LOGIN}, "newcomer": {ENROLL}} | {name: {HIDDEN} for name in SIGNED_IN}
    return outcomes | {name: {does} for name in let_in} | {name: {REFUSED} for name in told}


def _library(*outsiders: str) -> Outcomes:
    """Django's and the CMS's own pages. Inside, their permissions decide (tests/content), and the watch below
    holds that nobody else writes; where a page alone would say too much, outsiders are named."""
    outcomes = {"visitor": {LOGIN, REFUSED}, "newcomer": {ENROLL}, "stranger": {LOGIN, REFUSED, HIDDEN}}
    for name in SIGNED_IN:
        inside = {OPEN, METHOD, REFUSED, HIDDEN}
        outcomes.setdefault(name, {METHOD, REFUSED, HIDDEN} if name in outsiders else inside)
    return outcomes


TEAM = ("coordinator", "manager")
LOG = ("manager", "administrator")
NOT_ADMINISTRATORS = ("editor", "reviewer", "coordinator", "manager")


def _inbox(*names: str) -> tuple[str, ...]:
    return tuple(f"admin:consultations_consultationrequest_{name}" for name in names)


def _beside_it(*names: str) -> tuple[str, ...]:
    return tuple(f"admin:consultations_{name}" for name in names)


RULES = (
    # --- Public -------------------------------------------------------------------------------------------
    Rule(
        ("favicon", "touch-icon", "manifest", "robots", "offline-worker", "security-txt", "sitemap"),
        _everybody(OPEN, HIDDEN),
        _everybody(OPEN, METHOD, HIDDEN),
    ),
    Rule(("content:*", "pages-*"), _everybody(OPEN, HIDDEN), _everybody(OPEN, HIDDEN, METHOD)),
    Rule(("consultations:*",), _everybody(OPEN, METHOD)),
    Rule(("api:openapi-*",), _everybody(OPEN, newcomer=OPEN)),
    Rule(("api:api-root",), _everybody(HIDDEN, newcomer=HIDDEN)),
    Rule(("api:list_*",), _everybody(OPEN, newcomer=OPEN), _everybody(METHOD, newcomer=METHOD)),
    Rule(
        ("api:download_all",),
        {name: {OPEN, HIDDEN} for name in PEOPLE},
        _everybody(METHOD, newcomer=METHOD),
        why="The file is made at night.",
    ),
    Rule(
        ("api:one_*",),
        {name: {OPEN, HIDDEN} for name in PEOPLE},
        _everybody(METHOD, newcomer=METHOD),
        why="Is melanoma a cancer? Yes. Is it a drug? No.",
    ),
    # --- Signing in ---------------------------------------------------------------------------------------
    Rule(
        ("mfa_*", "account_reauthenticate", "account_logout"),
        _account(newcomer=(OPEN, METHOD, HIDDEN)),
        _account(LOGIN, newcomer=(OPEN, METHOD, HIDDEN, LOGIN)),
        why="All a newcomer can reach. Signing out leads to the sign-in page.",
    ),
    Rule(("account_change_password", "account_sessions"), _account()),
    Rule(("account_*", "cms_login"), _everybody(OPEN, METHOD, LOGIN)),
    # --- Requests of patients -----------------------------------------------------------------------------
    Rule(("attachment-download",), _room(*TEAM), _everybody(METHOD)),
    Rule(
        _inbox("export"),
        _room("manager", told=("coordinator",)),
        why="A10: a colleague without the permission is told so, and it is on record.",
    ),
    Rule(_inbox("unlock"), _room("manager")),
    Rule(
        _inbox(
            "changelist", "dashboard", "numbers_*", "alive", "signed_in", "reading", "look", "files_zip", "change",
            "print", "correction",
        ),
        _room(*TEAM),
        _room(*TEAM, does=METHOD),
    ),
    Rule(_inbox("mine", "new"), _room(*TEAM)),
    Rule(_inbox("away", "find", "keep_view", "forget_view"), _room(*TEAM, does=METHOD), _room(*TEAM)),
    Rule(
        _inbox("bulk", "draft", *(step.name for step in STEPS)),
        _room(*TEAM, does=METHOD),
        _room(),
        why="Without the token of a page that was read a step finds nothing; who has the request keeps a draft.",
    ),
    # --- Beside them --------------------------------------------------------------------------------------
    Rule(
        _beside_it("accessevent_add", "accessevent_delete", "outgoingmail_add", "outgoingmail_delete"),
        _room(),
        why="A11: the log is written by what it tells about, and by nobody else.",
    ),
    Rule(_beside_it("accessevent_change", "outgoingmail_change"), _room(*LOG), _room()),
    Rule(_beside_it("accessevent_*", "outgoingmail_*"), _room(*LOG)),
    Rule(_beside_it("feedback_add", "feedback_delete"), _room()),
    Rule(_beside_it("feedback_change"), _room(*TEAM), _room()),
    Rule(_beside_it("replytemplate_add", "replytemplate_delete"), _room("manager")),
    Rule(_beside_it("replytemplate_change"), _room(*TEAM), _room("manager")),
    Rule(_beside_it("feedback_*", "replytemplate_*"), _room(*TEAM)),
    # --- Accounts, and the frame of the admin -------------------------------------------------------------
    Rule(
        ("admin:auth_user_password_change",),
        _library(*NOT_ADMINISTRATORS, "administrator"),
        why="Nobody sets a colleague's password.",
    ),
    Rule(("admin:auth_*_history",), _library(), why="Leads to the start page when there is nothing."),
    Rule(("admin:auth_*",), _library(*NOT_ADMINISTRATORS)),
    Rule(("admin:login", "admin:logout"), _everybody(OPEN, LOGIN, METHOD, HIDDEN)),
    Rule(
        ("admin:index", "admin:app_list", "admin:jsi18n", "admin:password_change*", "gallery", "handbook"),
        _library(),
        why="They show what one may see anyway.",
    ),
    Rule(("day",), _library(*TEAM, "administrator"), why="The lists of who works on the library."),
    Rule(("admin:autocomplete", "admin:view_on_site"), _library(*TEAM)),
    # --- The library --------------------------------------------------------------------------------------
    Rule(
        tuple(f"admin:content_*_{action}" for action in ("add", "delete", "change", "approve")),
        _library(*TEAM),
        why="An administrator changes the site profile, coordinators nothing.",
    ),
    Rule(
        ("admin:cms_usersettings_session_store",),
        _everybody(OPEN),
        _everybody(OPEN, BROKEN),
        why="The toolbar's own switch. It says nothing, and does nothing without its fields.",
    ),
    Rule(
        ("admin:cms_placeholder_copy_plugins", "admin:cms_placeholder_move_plugin"),
        _library(),
        _library() | {name: {REFUSED, BROKEN} for name in SIGNED_IN if name != "stranger"},
        why="django CMS falls over a post without fields, before it looks who asks and without doing anything.",
    ),
    Rule(
        ("admin:cms_placeholder_render_object_*", "admin:djangocms_versioning_*_compare"),
        _library(*TEAM, "administrator"),
        why="Drafts are for who works on the library.",
    ),
    Rule(
        (
            "admin:cms_*", "cms_wizard_create", "admin:content_*", "admin:djangocms_versioning_*",
        ),
        _library(),
    ),
)  # fmt: skip


# --- What there is ----------------------------------------------------------------------------------------


def named(patterns: list, namespaces: tuple[str, ...] = (), route: str = "") -> Iterator[tuple[str, str]]:
    """Name and route of every address that has a name."""
    for pattern in patterns:
        longer = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from named(pattern.url_patterns, inner, longer)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield ":".join((*namespaces, pattern.name)), longer


def addresses() -> list[tuple[str, str]]:
    return list(named(get_resolver().url_patterns))


@cache  # each is asked for by everybody
def rule_of(name: str) -> Rule | None:
    return next((rule for rule in RULES if rule.fits(name)), None)


def test_every_address_has_an_expectation() -> None:
    assert sorted({name for name, _route in addresses() if rule_of(name) is None}) == []


def test_every_expectation_has_an_address() -> None:
    names = {name for name, _route in addresses()}
    idle = [
        pattern for rule in RULES for pattern in rule.names if not any(fnmatch(n, pattern) for n in names)
    ]
    assert idle == []


class Blank(Loader):
    """Every template, and nothing in it."""

    def get_template(self, template_name: str, skip: object = None) -> Template:
        return Template("", name=template_name, engine=self.engine)


@pytest.fixture
def undrawn(settings: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Who is let in is decided before a page is drawn; drawing thousands of them would take most of the time."""
    monkeypatch.setattr(admin.site, "each_context", lambda request: {})  # the menu of each page
    [drawing] = settings.TEMPLATES
    options = {**drawing["OPTIONS"], "loaders": [f"{__name__}.{Blank.__name__}"]}
    settings.TEMPLATES = [{**drawing, "APP_DIRS": False, "OPTIONS": options}]
    yield
    component.forget()


# --- Asking -----------------------------------------------------------------------------------------------


@pytest.fixture
def objects(db: None) -> dict[str, str]:
    """Something to find at every address: the newest row of every model, by the admin's name for it."""
    request = create_request()
    attachment = create_attachment(request=request)
    create_feedback(), create_mail(), create_reply_template()
    AccessEvent.objects.record("received", now=NOW)
    create_draft(), create_indication(approve=False), create_occurrence(approve=False), create_term()
    newest = {
        f"{model._meta.app_label}_{model._meta.model_name}": model._base_manager.order_by("-pk").first()
        for model in admin.site._registry
    }
    found = {name: str(row.pk) for name, row in newest.items() if row}
    return found | {"pk": str(request.pk), "attachment": str(attachment.pk), "reference": request.reference}


def address(name: str, route: str, objects: dict[str, str]) -> str:
    """The route with something real in every place."""
    model = re.match(r"admin:([a-z_]+?_[a-z]+)_", name)
    pk = objects.get(model[1], "1") if model else "1"
    for place in ("attachment", "reference"):
        route = re.sub(rf"<\w+:{place}>", objects[place], route)
    if name.startswith(_inbox("")):
        route = route.replace("<int:pk>", objects["pk"])
    route = re.sub(r"<(?:slug:)?slug>", "melanoma", route)
    route = re.sub(r"<\w+:(?:object_id|pk)>", pk, route)
    route = re.sub(r"<(?:\w+:)?\w+>", "1", route)
    route = re.sub(r"\(\?P<app_label>[^)]*\)", "content", route)
    route = re.sub(r"\(\?P<\w+>[^()]*\)", "1", route)
    return "/" + re.sub(r"[\^$\\]", "", route)


def outcome(response: HttpResponse) -> str:
    if response.status_code in (301, 302):
        if response.url.startswith(("/admin/login/", "/accounts/login/")):
            return LOGIN
        return ENROLL if response.url == "/accounts/second-factor/" else OPEN
    if response.status_code >= 500:
        return BROKEN
    return {404: HIDDEN, 403: REFUSED, 405: METHOD}.get(response.status_code, OPEN)


@pytest.fixture
def person(request: pytest.FixtureRequest, objects: dict[str, str]) -> Client:
    """A browser in which this person is signed in."""
    call_command("apply_roles", verbosity=0)
    client = Client(raise_request_exception=False)
    if request.param != "visitor":
        client.force_login(_person(request.param))
        client.get("/admin/")  # the CMS remembers everybody's toolbar from here on
    return client


def _person(name: str) -> User:
    user = create_staff(name, is_staff=name != "stranger", with_second_factor=name != "newcomer")
    user.groups.set(Group.objects.filter(name=PEOPLE[name]))
    return user


# What a request may write whoever sends it: its session, what it was told, and the CMS's memory of a toolbar.
HARMLESS = re.compile(r"django_session|axes_|cms_usersettings|cms_placeholder|consultations_|mfa_|auth_user")
LIBRARY = re.compile(r'"(?:content|cms|djangocms|django_site|auth)_\w+"')
WRITES = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s")


class Watch:
    """Notes every write to a table of the library or of the site."""

    def __init__(self) -> None:
        self.writes: list[str] = []

    def __call__(self, execute: Callable, sql: str, params: object, many: bool, context: dict) -> object:
        if WRITES.match(sql):
            table = LIBRARY.search(sql)
            if table and not HARMLESS.search(table[0]):
                self.writes.append(table[0])
        return execute(sql, params, many, context)


MAY_WRITE = {
    "editor": ("admin:content_*", "admin:cms_*", "admin:djangocms_versioning_*", "cms_wizard_create"),
    "reviewer": ("admin:content_signoff_*", "admin:content_*_approve"),
    "administrator": ("admin:content_siteprofile_*", "admin:auth_*"),
}


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("person", PEOPLE, indirect=True, ids=str)
def test_addresses_let_in_whom_they_should(
    undrawn: None, person: Client, objects: dict[str, str], method: str, request: pytest.FixtureRequest
) -> None:
    """One person at all addresses: slow, because there are hundreds. Nothing a request does is kept, so that
    each address is asked for by the same person in the same world."""
    who = request.node.callspec.params["person"]
    cookies = person.cookies.copy()
    wrong = []
    for name, route in addresses():
        rule, watch, where = rule_of(name), Watch(), address(name, route, objects)
        person.cookies = cookies.copy()
        with transaction.atomic(), connection.execute_wrapper(watch):
            response = getattr(person, method)(where)
            happened = outcome(response)
            if response.streaming:
                list(response)  # a file left open would be complained about later
            transaction.set_rollback(True)
        if rule and happened not in getattr(rule, method)[who]:
            wrong.append(f"{name} {where}: {happened}")
        if watch.writes and not any(fnmatch(name, pattern) for pattern in MAY_WRITE.get(who, ())):
            wrong.append(f"{name} {where}: wrote to {watch.writes[0]}")
    assert wrong == []


@pytest.mark.parametrize("person", ["editor"], indirect=True)
@pytest.mark.parametrize("where", ["nothing/", "consultations/consultationrequest/"])
def test_staff_read_the_same_whether_nothing_is_there_or_it_is_not_for_them(
    person: Client, where: str
) -> None:
    response = person.get(f"/admin/{where}")
    assert response.status_code == 404
    assert "Nothing here for you" in response.content.decode()
    assert 'href="/admin/"' in response.content.decode()
