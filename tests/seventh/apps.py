"""A Django app beside ours."""

from django.apps import AppConfig


class SeventhConfig(AppConfig):
    name = "tests.seventh"
    label = "seventh"
