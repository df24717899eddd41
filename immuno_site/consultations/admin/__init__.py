"""The coordinators' inbox, one file per concept."""

from immuno_site.consultations.admin import (  # noqa: F401
    access_event,
    account,
    feedback,
    outgoing_mail,
    promises,
    reply_template,
    request,
)
