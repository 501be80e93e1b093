#!/bin/sh
# Run one part of the portfolio: web, worker, beat or migrate. Anything else is a manage.py command.
set -eu
part=${1:-web}
[ $# -gt 0 ] && shift

case $part in
web)
    export DATABASE_POOL=1
    exec granian portfolio.wsgi:application --interface wsgi --host 0.0.0.0 --port 8000 --no-ws \
        --workers "${WEB_WORKERS:-2}" --workers-kill-timeout 10 --respawn-failed-workers "$@"
    ;;
worker)
    exec celery -A portfolio worker --loglevel INFO --pool prefork \
        --concurrency "${WORKER_PROCESSES:-2}" "$@"
    ;;
beat)
    exec celery -A portfolio beat --loglevel INFO --pidfile= --schedule /tmp/beat-schedule "$@"
    ;;
*)
    exec python manage.py "$part" "$@"
    ;;
esac
