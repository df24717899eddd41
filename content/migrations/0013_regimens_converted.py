"""The rows of one medicine each become decisions on a regimen; what they say in words becomes computable.

The drug comes first, then its partners. Where the rows of two medicines describe one decision, the one of the medicine
with more uses stands, with the sources of both; the other is superseded by it. A key that two medicines had gets the
medicine behind it, so that no key ever means another decision than before.
"""

import re
from collections import Counter, defaultdict

from django.db import migrations

CONVERTED = "converted"  # content.stock.settled


def convert(apps, schema_editor):
    _name_members(apps)
    _merge(apps)
    _name_apart(apps)
    for row in apps.get_model("content", "Indication").objects.all():
        _compute(row, apps)
    _tell_import(apps)


def _name_members(apps):
    drugs = {drug.slug: drug.pk for drug in apps.get_model("content", "Drug").objects.all()}
    member = apps.get_model("content", "RegimenMember")
    for row in apps.get_model("content", "Indication").objects.select_related("drug"):
        named = dict.fromkeys([row.drug.slug, *row.partners])
        member.objects.bulk_create(
            member(
                indication_id=row.pk,
                position=position,
                drug_id=drugs.get(name),
                words="" if name in drugs else name,
            )
            for position, name in enumerate(named)
        )


def _merge(apps):
    """Approved rows of two medicines that describe one decision."""
    indication = apps.get_model("content", "Indication")
    rows = list(indication.objects.filter(state="approved").select_related("drug"))
    uses = Counter(row.drug_id for row in rows)
    alike = defaultdict(list)
    for row in sorted(rows, key=lambda row: (-uses[row.drug_id], row.drug.slug, row.pk)):
        alike[_decision(row)].append(row)
    for together in alike.values():
        while together:
            stands, *others = together
            same = [row for row in others if row.drug_id != stands.drug_id and _says_the_same(stands, row)]
            for row in same:
                _put_into(stands, row, apps)
            together = [row for row in others if row not in same]


def _decision(row):
    regimen = frozenset([row.drug.slug, *row.partners])
    return row.cancer_id, row.regulator, row.setting, regimen, row.granted_on, row.withdrawn_on


def _says_the_same(one, other):
    needs = [{(need.biomarker_id, need.level) for need in row.requirements.all()} for row in (one, other)]
    if _condition(one) == _condition(other):
        return needs[0] == needs[1]
    return bool(one.granted_on and needs[0]) and needs[0] == needs[1]


def _words(row):
    return next((text for text in row.texts.all() if text.language == "en"), None)


def _condition(row):
    text = _words(row)
    return text.condition if text else ""


def _put_into(stands, row, apps):
    indication = apps.get_model("content", "Indication")
    sources = {source.pk for source in (*row.more_sources.all(), *filter(None, [row.source]))}
    new = sources - {stands.source_id, *stands.more_sources.values_list("pk", flat=True)}
    stands.more_sources.add(*new)
    kind = (
        apps.get_model("contenttypes", "ContentType")
        .objects.filter(app_label="content", model="indication")
        .first()
    )
    if kind:
        citation = apps.get_model("content", "Citation")
        citation.objects.bulk_create(
            (citation(content_type_id=kind.pk, object_id=stands.pk, source_id=pk) for pk in new),
            ignore_conflicts=True,
        )
    if row.review_state != "reviewed" and stands.review_state == "reviewed":
        indication.objects.filter(pk=stands.pk).update(review_state="unreviewed", reviewer=None)
    indication.objects.filter(pk=row.pk).update(state="retired")
    if not indication.objects.filter(supersedes_id=stands.pk).exists():
        indication.objects.filter(supersedes_id=row.pk, state="draft").update(supersedes_id=stands.pk)


def _name_apart(apps):
    indication = apps.get_model("content", "Indication")
    rows = list(indication.objects.select_related("drug"))
    owners = defaultdict(set)
    for row in rows:
        if row.state != "retired":
            owners[row.key].add(row.drug.slug)
    taken = {row.key for row in rows}
    for row in rows:
        if len(owners[row.key]) > 1:
            key = f"{row.key[: 79 - len(row.drug.slug)]}-{row.drug.slug}"
            while key in taken and key not in owners:  # somebody gave that name to another use
                key = f"{key[:78]}-2"
            indication.objects.filter(pk=row.pk).update(key=key)


def _compute(row, apps):
    text = _words(row)
    condition = text.condition if text else ""
    needs = list(row.requirements.select_related("biomarker").order_by("pk"))
    said = [f"{need.biomarker.slug} {level}" for need in needs for *_scale, level in levels_of(need.level)]
    for need in needs:
        _compute_need(need)
    members = row.members.select_related("drug")
    regimen = [member.drug.slug if member.drug_id else member.words for member in members]
    least, most = ages_of(text.population if text else "")
    apps.get_model("content", "Indication").objects.filter(pk=row.pk).update(
        min_age=least,
        max_age=most,
        lines=lines_of(row.setting, condition),
        approved_source=_gives_the_day(row, row.granted_on),
        withdrawn_source=_gives_the_day(row, row.withdrawn_on),
        terms=" | ".join([", ".join(sorted(said)), ", ".join(sorted(regimen)), condition])[:500],
    )


def _compute_need(need):
    first, *others = levels_of(need.level)
    group = 1 if others else None
    for position, (scale, at_least, level) in enumerate([first, *others]):
        if position:
            need.pk = None
            need._state.adding = True
        need.scale, need.at_least, need.level, need.any_of = scale, at_least, level, group
        need.save()


def ages_of(population):
    """The least and the greatest age in years."""
    if found := re.search(r"children from (\d+) years", population):
        return int(found[1]), None
    if found := re.search(r"up to (\d+) years", population):
        return None, int(found[1])
    if population.startswith("Children"):
        return None, 17
    return (18, None) if re.match(r"Adults(?! and children)", population) else (None, None)


_AFTER_TWO = re.compile(
    r"2 or more treatments|1 more treatment|second time(?!.*did not respond)|brentuximab vedotin$|oxaliplatin and irinotecan$"
)


def lines_of(setting, condition):
    if setting in ("first-line", "maintenance"):
        return ["first"]
    if setting == "advanced":
        return ["any"]
    if setting != "later-line":
        return []
    refractory = "did not respond to treatment, or" in condition
    return ["later"] if _AFTER_TWO.search(condition) and not refractory else ["second", "later"]


# The first that fits: a pattern whose number is the least that is asked for, and the scale.
_SCALES = (
    (r"^TPS (\d+)% or more$", "TPS"),
    (r"^CPS (\d+) or more$", "CPS"),
    (r"^(\d+)% or more of tumor cells$", "TC"),
    (r"^(\d+)% or more of immune cells\b", "IC"),
    (r"^(?i:immune) cells covering (\d+)% or more of the tumor$", "IC"),
    (r"^(\d+) or more mutations per megabase$", "per-megabase"),
    (r"^(\d+)%? or more$", "unnamed"),
    (r"^No (?:known )?.*change$|wild.?type", "no-change"),
    (r"^MSI-high", "MSI-high"),
    (r"not MSI-high$", "not-MSI-high"),
    (r"negative|^No ", "absent"),
    (r"\bhigh\b", "high"),
    (r"", "present"),
)


def levels_of(level):
    """(scale, at least, words) for each alternative that a level names."""
    both = re.match(r"(.*of tumor cells), or (.*immune cells.*)$", level)
    for words in both.groups() if both else [level]:
        found, scale = next(
            (match, scale) for pattern, scale in _SCALES if (match := re.search(pattern, words))
        )
        number = found[1] if found.re.groups and found[1] else None
        yield scale, int(number) if number else None, words[:1].upper() + words[1:]


def _gives_the_day(row, day):
    """The notice of that year, else what is no label; the main source, if there is nothing else."""
    if day is None or row.source is None:
        return ""
    sources = [row.source, *row.more_sources.order_by("key")]
    year = f"-{day.year}-"
    of_the_year = [source for source in sources if year in source.key]
    no_label = [source for source in sources if source.kind != "label"]
    of_no_year = [source for source in no_label if not re.search(r"-\d{4}-", source.key)]
    return [*of_the_year, *of_no_year, *no_label, row.source][0].key


def _tell_import(apps):
    """Files are called after cancers now. What only the import had made is the import's to go on from."""
    imported = apps.get_model("content", "ImportedFile")
    had = imported.objects.filter(path__startswith="indications/")
    if not had.exists():
        return
    had.delete()
    by_people = {}
    for row in (
        apps.get_model("content", "Indication")
        .objects.exclude(state="retired")
        .select_related("cancer", "created_by")
    ):
        by_person = row.created_by is None or row.created_by.username != "library"
        by_people[row.cancer.slug] = by_people.get(row.cancer.slug, False) or by_person
    imported.objects.bulk_create(
        imported(path=f"indications/{slug}.toml", digest="" if edited else CONVERTED)
        for slug, edited in by_people.items()
    )


class Migration(migrations.Migration):
    dependencies = [("content", "0013_regimens"), ("contenttypes", "0002_remove_content_type_name")]

    operations = [migrations.RunPython(convert, migrations.RunPython.noop)]
