"""Where a worker may die between a patient's click and our answer."""

from typing import NamedTuple


class Spot(NamedTuple):
    """Right before, or right after, a call."""

    module: str
    call: str
    is_before: bool


_ROOM = "immuno_site.consultations"
SPOTS = {
    "bytes of the file stored, its row not": Spot(f"{_ROOM}.models", "Attachment.save", True),
    "row of the file committed, no answer": Spot(f"{_ROOM}.uploads", "accept", False),
    "request written, not committed": Spot(f"{_ROOM}.sending", "_announce", False),
    "request committed, no answer": Spot(f"{_ROOM}.sending", "receive", False),
}
# In the environment of the web server: the spot's name, and a file that says it was used.
SPOT, SPENT = "FAULT_SPOT", "FAULT_SPENT"
