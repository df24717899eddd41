"""Addresses of the private room, in the order of the journey."""

from django.urls import path

from immuno_site.consultations.journey import PAGES
from immuno_site.consultations.views import asking, callback, documents, feedback, returning

app_name = "consultations"

QUESTIONS = [page for page in PAGES if page.form]

urlpatterns = [
    path("consultation/", asking.start, name="start"),
    path("consultation/help-now/", asking.need_help_now, name="ask-help"),
    *(
        path(f"consultation/{page.name}/", asking.page, {"name": page.name}, name=f"ask-{page.name}")
        for page in QUESTIONS
    ),
    path("consultation/documents/", documents.documents, name="ask-documents"),
    path("consultation/documents/remove/", documents.remove_document, name="remove-document"),
    path("consultation/check/", asking.check, name="ask-check"),
    path("consultation/received/", asking.received, name="received"),
    path("consultation/forget/", asking.forget, name="forget"),
    path("consultation/forgotten/", asking.forgotten, name="forgotten"),
    path("consultation/return/", returning.find, name="return"),
    path("consultation/return/request/", returning.opened, name="return-request"),
    path("consultation/return/files/<uuid:attachment>/", returning.our_file, name="our-file"),
    path("consultation/return/withdraw/", returning.withdraw, name="withdraw"),
    path("consultation/return/withdrawn/", returning.withdrawn, name="withdrawn"),
    path("callback/", callback.callback, name="callback"),
    path("feedback/", feedback.feedback, name="feedback"),
    path("feedback/received/", feedback.feedback_received, name="feedback-received"),
]
