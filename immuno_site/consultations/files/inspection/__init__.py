"""Looks inside a patient's file, in a process of its own with little memory, little time and no secrets.

Nothing here knows Django, the database or the keys: `python -m immuno_site.consultations.files.inspection KIND`
reads the file from its standard input and prints what it found. `checks.py` starts it.
"""
