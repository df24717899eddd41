"""E-mail addresses: as mail servers need them, and as people typed them (IDNA 2008, where ß and ς are letters)."""

from __future__ import annotations

import unicodedata
from contextlib import suppress

import idna
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from content.text.hints import Words
from immuno_site.consultations.characters import is_invisible, trimmed

NO_ADDRESS = _("Enter an e-mail address like name@example.com.")
NAME_TOO = _("Enter only the address, like name@example.com, without a name and without brackets.")
TRAILING_DOT = _("Take away the full stop at the end, so that it is an address like name@example.com.")
NO_HOST = _("Behind the @ a whole name is needed, as in name@example.com.")
NO_SUCH_END = _("No address ends like this. Check the last letters: did you mean .com?")
LONG_MAILBOX = _("The part before the @ is too long for an e-mail address. Enter one like name@example.com.")
HIDDEN = _(
    "This address holds invisible or foreign letters. Do not paste it: type it letter by letter, like "
    "name@example.com."
)

LONGEST_MAILBOX = 64
SLIPS = (".con", ".cmo", ".ocm", ".comm", ".coom", ".vom", ".xom")  # of .com; none of them exists
JOINERS = "\u200c\u200d"  # letters of Persian and Indian names; IDNA says where they may stand
LOOK_ALIKE_ALPHABETS = {"ARMENIAN", "CYRILLIC", "GREEK", "LATIN"}


def deliverable(text: str) -> str:
    """The address in the letters mail servers use; look-alike and invisible letters are refused."""
    text = unicodedata.normalize("NFKC", trimmed(text))
    mailbox, _at, host = text.rpartition("@")
    if problem := _problem(text, mailbox, host):
        raise ValidationError(problem, code="invalid")
    try:
        host = _ascii(host)
        validate_email(f"{mailbox}@{host}")
        _refuse_mixed(host)
    except (idna.IDNAError, UnicodeError, ValidationError) as error:
        raise ValidationError(NO_ADDRESS, code="invalid") from error
    return f"{mailbox}@{host}"


def shown(address: str) -> str:
    """As a person reads it: "xn--..." was never typed."""
    mailbox, at, host = address.rpartition("@")
    with suppress(idna.IDNAError, UnicodeError):
        return f"{mailbox}{at}{_decoded(host)}"
    return address


def forms_it_may_have(typed: str) -> set[str]:
    """How an address may be stored: as today, or as releases before 2026-12 wrote it."""
    typed = trimmed(typed)
    mailbox, _at, host = unicodedata.normalize("NFKC", typed).rpartition("@")
    forms = {typed}
    with suppress(idna.IDNAError, UnicodeError):
        forms.add(f"{mailbox}@{_ascii(host)}")
    with suppress(UnicodeError):
        forms.add(f"{mailbox}@{host.encode('idna').decode('ascii').lower()}")  # IDNA 2003
    return forms


def _problem(text: str, mailbox: str, host: str) -> Words:
    """What is wrong with it in a way that can be named."""
    if "<" in text or ">" in text:
        return NAME_TOO
    if any(map(is_invisible, mailbox)) or any(
        map(is_invisible, host.translate(dict.fromkeys(map(ord, JOINERS))))
    ):
        return HIDDEN
    if not mailbox or not host:
        return NO_ADDRESS
    if not mailbox.isascii() or _mixes_alphabets(host):
        return HIDDEN
    if host.endswith("."):
        return TRAILING_DOT
    if host.casefold().endswith(SLIPS):
        return NO_SUCH_END
    if "." not in host.replace("\u3002", "."):
        return NO_HOST
    return LONG_MAILBOX if len(mailbox) > LONGEST_MAILBOX else ""


def _ascii(host: str) -> str:
    if host.isascii() and "xn--" not in host.lower():
        return host.lower()
    return idna.encode(host, uts46=True).decode("ascii")


def _decoded(host: str) -> str:
    return idna.decode(host) if "xn--" in host else host


def _refuse_mixed(host: str) -> None:
    """An address literal reaches no mailbox of a patient, and "xn--" may hide what nobody would type."""
    if host.startswith("[") or _mixes_alphabets(_decoded(host)):
        raise ValidationError(NO_ADDRESS, code="invalid")


def _mixes_alphabets(host: str) -> bool:
    """Is a part of the host written in more than one of the alphabets that share shapes?"""
    return any(
        len(LOOK_ALIKE_ALPHABETS & {unicodedata.name(letter, "?").split()[0] for letter in part}) > 1
        for part in host.split(".")
    )
