"""The private room's concepts, one file each."""

from immuno_site.consultations.models.access_event import AccessEvent, AppendOnly
from immuno_site.consultations.models.attachment import Attachment, StaysLocked
from immuno_site.consultations.models.clue import Clue
from immuno_site.consultations.models.coordinator import Coordinator, TooManyViews
from immuno_site.consultations.models.feedback import Feedback
from immuno_site.consultations.models.file_store import FileStore
from immuno_site.consultations.models.key_canary import KeyCanary
from immuno_site.consultations.models.message import Draft, Message, MessageIsFinal
from immuno_site.consultations.models.note import Note
from immuno_site.consultations.models.outgoing_mail import OutgoingMail
from immuno_site.consultations.models.progress import Progress
from immuno_site.consultations.models.reading import Reading
from immuno_site.consultations.models.reply_template import ReplyTemplate
from immuno_site.consultations.models.request import (
    ClosedReason,
    Conflict,
    ConsultationRequest,
    Kind,
    NotPossible,
    Status,
)
from immuno_site.consultations.models.running_process import RunningProcess
from immuno_site.rate_counter import RateCounter

__all__ = [
    "AccessEvent", "AppendOnly", "Attachment", "ClosedReason", "Clue", "Conflict", "ConsultationRequest", "Coordinator",
    "Draft", "Feedback", "FileStore", "KeyCanary", "Kind", "Message", "MessageIsFinal", "NotPossible",
    "Note", "OutgoingMail", "Progress", "RateCounter", "Reading",
    "ReplyTemplate", "RunningProcess", "Status", "StaysLocked", "TooManyViews",
]  # fmt: skip
