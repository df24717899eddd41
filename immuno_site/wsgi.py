"""Where gunicorn finds the site."""

import os

from django.core.wsgi import get_wsgi_application

from immuno_site.page_cache import generation

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "immuno_site.settings")

application = get_wsgi_application()

from immuno_site.consultations.key_check import refuse_wrong_keys  # noqa: E402 - needs the loaded apps

refuse_wrong_keys()
# Pages kept by the release before this one carry its templates and the names of its style sheets.
generation.start_new()
