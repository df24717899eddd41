"""Backups that only the holder of a key kept elsewhere can open, and the way back.

    immuno-<time>.tar.age:  database.sqlite3 | database.dump,  private/...,  media/...,  manifest.json

The archive is encrypted to a public key (age): whoever breaks into this machine cannot read older backups.
What patients sent is ciphertext inside it once more, under keys that no backup holds.
"""

FORMAT = 1
MANIFEST = "manifest.json"
# Which storage of Django's keeps the files below each folder of the archive.
FOLDERS = {"private": "private", "media": "default"}
