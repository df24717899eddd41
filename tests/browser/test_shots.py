import pytest
from tests.browser.test_writing import Writing, noa
from tests.factories import new_draft
from tests.stories import join
from tests.content.test_workflow import *

pytestmark = pytest.mark.django_db(transaction=True)


class TestShots(Writing):
    def test_shots(self, noa, reviewer, settings):
        settings.CLINICAL_REVIEW = "required"
        self.given_a_draft(noa)
        c = self.draft.content
        c.daily_life = (
            c.daily_life.replace("team", "clinic", 2)
            + "\n- **Work:** you may go on working [@fda-keytruda-label]."
        )
        c.key_message = "Call your team about every new symptom, day or night."
        c.save()
        workflow.send(self.draft, by=noa, publish_when_signed=True)
        self.given_a_screen(width=1280)
        self.visitor.sign_in(join(reviewer.user, "Clinical reviewer"))
        self.given_the_page(f"/admin/content/signoff/read/{self.draft.pk}/")
        for width, height in ((1280, 900), (360, 800)):
            self.page.set_viewport_size({"width": width, "height": height})
            self.page.wait_for_timeout(1500)
            self.page.screenshot(path=f"/tmp/read-{width}.png")
            self.page.screenshot(path=f"/tmp/read-{width}-full.png", full_page=True)
            print(self.visitor.accessibility_problems(), self.visitor.scrolls_sideways)
        self.given_the_page("/admin/content/signoff/desk/")
        self.page.set_viewport_size({"width": 1280, "height": 900})
        self.page.screenshot(path=f"/tmp/desk.png")
        self.given_at_the_form(noa)
        self.page.wait_for_timeout(2500)
        self.page.screenshot(path="/tmp/form-1280.png")
        self.page.set_viewport_size({"width": 360, "height": 800})
        self.page.wait_for_timeout(500)
        self.page.screenshot(path="/tmp/form-360.png")
        print(self.visitor.accessibility_problems(), self.visitor.scrolls_sideways)
