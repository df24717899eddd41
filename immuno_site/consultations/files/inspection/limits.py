"""How much a file may hold. Patients are told these numbers."""

MAX_PIXELS = 50_000_000
MAX_ENTRIES = 5_000
# And how many pages staff see in one look.
PAGES_AT_ONCE = 5
