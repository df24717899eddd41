"""Where gunicorn finds the site."""

import os

from django.core.wsgi import get_wsgi_application

from immuno_site.charsets import readable
from immuno_site.page_cache import door, generation

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "immuno_site.settings")

site = readable(door(get_wsgi_application()))

# They need the loaded apps.
from immuno_site.consultations.key_check import refuse_wrong_keys  # noqa: E402
from immuno_site.logs import numbered  # noqa: E402
from immuno_site.metrics import counted  # noqa: E402
from immuno_site.start_checks import refuse_unsigned_versions  # noqa: E402

application = numbered(counted(site))

refuse_wrong_keys()
refuse_unsigned_versions()
# Pages kept by the release before this one carry its templates and the names of its style sheets.
generation.start_new()
