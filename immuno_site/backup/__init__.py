"""Backups that only the holder of a key kept elsewhere can open, and the way back.

    immuno-<time>.tar.age:  database.sqlite3 | database.dump,  private/...,  media/...,  manifest.json,  proof

The archive is encrypted to a public key (age): whoever breaks into this machine cannot read older backups.
What patients sent is ciphertext inside it once more, under keys that no backup holds.

Anybody can encrypt to a public key. That a backup is ours says the proof: a keyed hash of the manifest, which
names the hash of everything else.
"""

import hashlib
import hmac

from django.conf import settings

from immuno_site.keyring import derived

FORMAT = 2
WITHOUT_PROOF = 1  # as releases before made them
MANIFEST = "manifest.json"
PROOF = "proof"
# Beside the backups: when copies of all were last seen elsewhere, when one was last tried, and whose requests were
# erased, so that a restored database forgets them again.
COPIED, DRILL, ERASED = "copied", "drill", "erased"
# Which storage of Django's keeps the files below each folder of the archive.
FOLDERS = {"private": "private", "media": "default"}


def proof_of(manifest: bytes) -> str:
    """Only who has CONSULTATION_INDEX_KEY can make it, and it lies on every machine that may restore."""
    key = derived(settings.CONSULTATION_INDEX_KEY.encode(), "backups")
    return hmac.new(key, manifest, hashlib.sha256).hexdigest()
