"""How much a file may hold. Patients are told these numbers."""

# Nothing is unpacked here: a page at 1,200 dots an inch and the largest photographs of phones are below it.
MAX_PIXELS = 250_000_000
MAX_ENTRIES = 5_000
# And how many pages staff see in one look.
PAGES_AT_ONCE = 5
