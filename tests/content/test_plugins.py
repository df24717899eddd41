"""Blocks: what each shows, that facts come from their rows, that citations are numbered and kept."""

from __future__ import annotations

import datetime
import io
import re

import pytest
from cms.models import PageContent
from cms.plugin_pool import plugin_pool
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import ProtectedError
from django.template.loader import get_template
from django.test import Client
from django.urls import reverse
from PIL import Image

from content.cms_plugins import PLUGINS, BlockPlugin
from content.models import BLOCKS, Citation, Clinician, ClinicianPhoto, Indication, ProseBlock, Question
from content.models.block import CancerGridBlock, DoDontListBlock
from content.review import signing
from tests.factories import TODAY, create_drug, create_indication, create_page, create_source
from tests.stories import CITED, add_block, create_story, place, preview, publish, version_of

pytestmark = pytest.mark.django_db


def create_clinician(**values: object) -> Clinician:
    return Clinician.objects.create(**{"role": "Medical oncologist", "license_number": "12345"} | values)


def shown(client: object, plugin: str, **values: object) -> str:
    """The public page that holds nothing but one block."""
    content = create_story(text="")
    place(content, plugin, **values)
    publish(content)
    return client.get("/story/").content.decode()


def story_part(text: str) -> str:
    return text.split('<div class="entry-text">')[1].split('class="page-tools"')[0]


# --- Each block


def test_drug_card_leads_to_the_page(client):
    create_page()
    text = shown(client, "DrugCardPlugin", drug=create_drug())
    assert '<a class="card-link" href="/drugs/testumab/">Testumab</a>' in text
    assert "A medicine that exists only here." in text


def test_drug_card_of_a_medicine_without_a_page_is_plain_text(client):
    text = story_part(shown(client, "DrugCardPlugin", drug=create_drug(slug="unwritten")))
    assert "unwritten" in text
    assert "/drugs/unwritten/" not in text


def test_indication_table_shows_approved_rows_with_their_sources(client):
    create_page()
    create_indication()
    text = shown(client, "IndicationTablePlugin", drug=create_drug())
    assert "Melanoma that has spread" in text
    assert 'href="#source-1"' in text
    assert 'id="source-1"' in text


def test_indication_table_follows_the_fact(client, editor):
    row = create_indication()
    client.force_login(editor)  # staff see pages as they are now
    assert "Melanoma that has spread" in shown(client, "IndicationTablePlugin", drug=create_drug())
    Indication.objects.filter(pk=row.pk).retire(by=editor, reason="It was wrong.", now=TODAY)
    assert "Melanoma that has spread" not in client.get("/story/").content.decode()


def test_indication_table_of_one_regulator(client):
    create_indication()
    text = shown(client, "IndicationTablePlugin", drug=create_drug(), regulator="EMA")
    assert "Melanoma that has spread" not in text


@pytest.mark.usefixtures("library")
def test_cancer_grid_shows_cancers_with_a_page(client):
    text = story_part(shown(client, "CancerGridPlugin"))
    assert "/cancers/melanoma/" in text
    assert "Page not written yet" not in text


@pytest.mark.usefixtures("library")
def test_side_effect_grid_shows_the_urgent_ones(client):
    text = story_part(shown(client, "SideEffectGridPlugin", urgency="emergency"))
    assert "/side-effects/" in text
    assert "Can be an emergency" in text
    assert "Mention at next visit" not in text


@pytest.mark.usefixtures("library")
def test_lists_of_questions_updates_and_centers(client):
    content = create_story(text="")
    place(content, "QuestionListPlugin", topic="basics", limit=2)
    place(content, "UpdateListPlugin", limit=1)
    place(content, "CenterListPlugin", country="IL")
    publish(content)
    text = client.get("/story/").content.decode()
    assert text.count("<details id=") == 2
    assert text.count("<time datetime=") >= 1
    assert "/centers/" in story_part(text)


@pytest.mark.usefixtures("library")
def test_named_questions_stand_in_the_order_of_their_names(desk, noa, client):
    found = Question.objects.approved().filter(language="en", answer__gt="")
    slugs = [row.slug for row in found.order_by("-slug")[:2]]
    story = create_story(by=noa, text="")
    wrong = add_block(desk, story, "QuestionListPlugin", questions="\n".join(["made-up", *slugs]))
    assert "There is no question made-up." in wrong.content.decode()
    add_block(desk, story, "QuestionListPlugin", questions="\n".join(slugs))
    publish(story, by=noa)
    assert re.findall(r'<details id="([\w-]+)"', client.get("/story/").content.decode()) == slugs


def test_care_card_says_whom_to_call(client):
    text = shown(client, "CareCardPlugin", urgency="emergency", lines=["**Fainting** [@test-label]"])
    assert "<strong>Fainting</strong>" in text
    assert "Call your local emergency number" in story_part(text)


def test_care_card_shows_the_signs_of_its_groups(client):
    text = story_part(shown(client, "CareCardPlugin", groups=["bcg"]))
    assert "<li>A temperature of 38.5 °C (101 °F) or more" in text.split("care-same_day")[0]
    assert "<li>A temperature of 38 °C (100.4 °F) or more" in text.split("care-same_day")[1]


def test_care_card_about_no_treatment_says_for_whom_a_sign_is_less_urgent(client):
    text = story_part(shown(client, "CareCardPlugin"))
    assert "<strong>unless your only treatment is a checkpoint inhibitor, BCG" in text
    assert "A new cough" not in text


def test_do_and_do_not(client):
    text = story_part(shown(client, "DoDontListPlugin", do=["Drink enough"], dont=["Stop by yourself"]))
    assert text.index("Drink enough") < text.index("Do not") < text.index("Stop by yourself")


def test_blocks_without_a_query(client):
    content = create_story(text="")
    place(content, "DiagramPlugin", name="car-t")
    place(content, "ConsultationCallPlugin", about="drug:testumab")
    place(content, "ContactBoxPlugin")
    publish(content)
    text = story_part(client.get("/story/").content.decode())
    assert "CAR-T cell therapy, step by step" in text
    assert "/consultation/?about=drug:testumab" in text
    assert "How to reach us" in text


def test_empty_lists_break_nothing(client):
    content = create_story(text="")
    for name in ("QuestionListPlugin", "UpdateListPlugin", "CenterListPlugin", "SideEffectGridPlugin"):
        place(content, name)
    place(content, "CancerGridPlugin", cancers=[])
    publish(content)
    assert client.get("/story/").status_code == 200


# --- Prose


def test_sources_are_numbered_once_over_all_blocks(client):
    create_source(key="test-second")
    content = create_story(text=f"First. {CITED}")
    place(content, "CareCardPlugin", urgency="same_day", lines=["A cough [@test-second]"])
    place(content, "ProsePlugin", body="Both again [@test-second] [@test-label].")
    publish(content)
    text = client.get("/story/").content.decode()
    assert [text.count(f'id="source-{number}"') for number in (1, 2, 3)] == [1, 1, 0]
    assert text.index('href="#source-1"') < text.index('href="#source-2"')


def test_heading_stays_below_its_heading_across_a_block(client):
    content = create_story(text=f"## Top\n\n{CITED}")
    place(content, "ContactBoxPlugin")
    place(content, "ProsePlugin", body=f"### Below\n\n{CITED}")
    publish(content)
    text = client.get("/story/").content.decode()
    assert "<h2>Top</h2>" in text
    assert "<h3>Below</h3>" in text


def test_prose_lets_no_html_through(client, editor):
    content = create_story(text=f"{CITED} <script>alert(1)</script> [x](javascript:alert)")
    client.force_login(editor)
    text = story_part(preview(client, content).content.decode())
    assert "<script>" not in text
    assert "javascript" not in text


# --- Citations


def test_block_keeps_its_sources_as_long_as_it_cites_them():
    source = create_source()
    content = create_story()
    block = ProseBlock.objects.get(placeholder__in=content.placeholders.all())
    assert Citation.objects.filter(source=source).count() == 1
    with pytest.raises(ProtectedError):
        source.delete()
    block.body = "No claim."
    block.save()
    assert not Citation.objects.filter(source=source).exists()


def test_deleted_block_frees_its_sources():
    source = create_source()
    content = create_story()
    ProseBlock.objects.get(placeholder__in=content.placeholders.all()).delete()
    source.delete()


def test_new_version_copies_blocks_with_their_citations(editor):
    content = publish(create_story())
    draft = version_of(content).copy(editor).content
    copied = ProseBlock.objects.get(placeholder__in=draft.placeholders.all())
    assert copied.body == CITED
    assert copied.citations.count() == 1


# --- Rules


def test_block_of_a_public_page_is_never_saved():
    content = publish(create_story())
    block = ProseBlock.objects.get(placeholder__in=content.placeholders.all())
    block.body = "Other words."
    with pytest.raises(PermissionDenied, match="not a draft"):
        block.save()
    with pytest.raises(PermissionDenied, match="not a draft"):
        place(PageContent.objects.get(pk=content.pk), "ContactBoxPlugin")


@pytest.mark.parametrize("block", [CancerGridBlock(cancers=["made-up"]), DoDontListBlock()])
def test_wrong_choice_is_refused_with_words(block):
    with pytest.raises(ValidationError):
        block.clean()


def test_page_is_as_unreviewed_as_the_facts_it_shows(client, reviewer):
    create_indication()
    content = create_story()
    place(content, "IndicationTablePlugin", drug=create_drug())
    due = TODAY + datetime.timedelta(days=200)
    seen = signing.digest(content)
    signing.sign_off(version_of(content), by=reviewer, next_review_due=due, seen=seen, now=TODAY)
    publish(content)
    text = client.get("/story/").content.decode()
    assert text.count("Not checked by a clinician yet: 1 approved use.") == 2  # high up and at its foot
    assert 'class="review-line unreviewed"' in text


def test_sign_off_made_before_cards_had_groups_holds():
    """The digest is what the release before made of the same page."""
    content = create_story()
    card = place(content, "CareCardPlugin", urgency="emergency", lines=["Trouble breathing [@test-label]"])
    before = "a8ba1688467e450932f1993ebaa86d9c9657d25cce38335eeb8a6ace4cdb3508"
    assert signing.digest(content) == before
    card.lines, card.urgency, card.groups = [], "", ["bcg"]
    card.save()
    assert signing.digest(content) != before


@pytest.mark.corpus("S1")
def test_editors_can_place_only_our_blocks():
    """A plugin from elsewhere could show text that no gate has seen, or fetch what an address points to."""
    ours = {plugin.__name__ for plugin in BlockPlugin.__subclasses__()}
    offered = {plugin.__name__ for plugin in plugin_pool.get_all_plugins() if not plugin.system}
    assert offered == ours


def test_every_kind_of_block_has_a_plugin_and_a_template():
    models = {plugin.model for plugin in BlockPlugin.__subclasses__()}
    assert models == set(BLOCKS)
    for name, plugin in PLUGINS.items():
        assert plugin.render_template == f"content/plugins/{name}.html"
        get_template(plugin.render_template)


# --- The medical team


def test_team_without_clinicians_says_so(client):
    create_clinician(name="Somebody Hidden", is_shown=False)
    text = story_part(shown(client, "MedicalTeamPlugin"))
    assert "No clinician is named here yet." in text
    assert "Somebody Hidden" not in text


def test_team_shows_what_a_person_says_of_themselves_as_text(client):
    create_clinician(name="Test Person", biography="Works in Haifa.\n\nLikes <b>questions</b>.")
    create_clinician(name="Silent Person")
    text = story_part(shown(client, "MedicalTeamPlugin"))
    assert "<p>Works in Haifa.</p>" in text
    assert "Likes &lt;b&gt;questions&lt;/b&gt;." in text
    assert text.count('dir="auto"') == 1


def test_form_says_where_a_biography_is_read(client, editor):
    client.force_login(editor)
    text = client.get("/admin/content/clinician/add/").content.decode()
    assert "Readers see it below the name" in text


def test_team_shows_who_agreed_with_profession_languages_and_what_they_answer(client):
    create_clinician(name="Test Person", languages="Hebrew, English", answers="Questions on side effects")
    create_clinician(name="Demo Person", license_number="", is_demo=True)
    text = story_part(shown(client, "MedicalTeamPlugin"))
    for words in (
        "Test Person",
        "Medical oncologist",
        "Hebrew, English",
        "Questions on side effects",
        "12345",
    ):
        assert words in text
    assert "Demo Person" not in text
    assert "No clinician" not in text


def picture() -> SimpleUploadedFile:
    made = io.BytesIO()
    Image.new("RGB", (900, 500), "teal").save(made, "JPEG", comment=b"Taken at home")
    return SimpleUploadedFile("me.jpg", made.getvalue(), content_type="image/jpeg")


def test_photo_is_made_small_and_shown_until_it_is_taken_off(client, editor):
    person = create_clinician(name="Test Person")
    form = reverse("admin:content_clinician_change", args=[person.pk])
    values = {"name": "Test Person", "role": "Nurse", "license_number": "12345", "is_shown": "on"}
    staff = Client()
    staff.force_login(editor)
    assert staff.post(form, values | {"new_photo": picture()}).status_code == 302
    address = f"/clinicians/{person.pk}.webp"
    assert f'src="{address}"' in shown(client, "MedicalTeamPlugin")
    answer = client.get(address)
    assert answer["Content-Type"] == "image/webp"
    assert Image.open(io.BytesIO(answer.content)).size == (320, 320)
    assert b"Taken at home" not in answer.content
    client.force_login(editor)  # staff see pages as they are now
    hidden = {key: value for key, value in values.items() if key != "is_shown"}
    assert staff.post(form, hidden).status_code == 302
    assert client.get(address).status_code == 404
    assert ClinicianPhoto.objects.exists()
    assert staff.post(form, values | {"remove_photo": "on"}).status_code == 302
    assert client.get(address).status_code == 404
    assert not ClinicianPhoto.objects.exists()


def test_photo_that_is_no_picture_is_refused(editor):
    person = create_clinician(name="Test Person")
    staff = Client()
    staff.force_login(editor)
    values = {"name": "Test Person", "role": "Nurse", "license_number": "12345"}
    gif = io.BytesIO()
    Image.new("P", (900, 500)).save(gif, "GIF")  # Pillow could read it, but nobody looked into it
    form = reverse("admin:content_clinician_change", args=[person.pk])
    for content in (b"<svg onload=alert(1)>", gif.getvalue()):
        wrong = SimpleUploadedFile("me.jpg", content, content_type="image/jpeg")
        answer = staff.post(form, values | {"new_photo": wrong})
        assert answer.status_code == 200
        assert "Save it as JPG or PNG, and choose that." in answer.text
    assert not ClinicianPhoto.objects.exists()
