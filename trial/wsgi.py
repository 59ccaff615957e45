"""The WSGI application that gunicorn serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.template import Engine
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trial.settings")
application = get_wsgi_application()
# all of the program before the workers are forked, not with the first page of each
_ = get_resolver().url_patterns, Engine.get_default().template_context_processors
gc.set_threshold(10_000, 50, 100)  # a page of a large trial makes many rows at once, and drops them
gc.freeze()  # and its memory left alone: what the collector looks at, a worker no longer shares
