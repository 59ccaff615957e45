"""The program's settings with one address more: an endpoint that does nothing but know who asks."""

from trial.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.answers_urls"

API_RATE = 10**9  # one token asks for all; each request is counted all the same
