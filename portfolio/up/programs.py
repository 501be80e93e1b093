"""The commands of the site's processes: web, worker and beat."""

import sys
from pathlib import Path


def commands(
    *, host: str, port: int, web_workers: int, worker_processes: int, folder: Path
) -> dict[str, list[str | Path]]:
    """
    Give the command of each process by its name.

    Args:
        folder: where beat keeps what it knows.
    """
    python = sys.executable
    return {
        "web": [
            python, "-m", "granian", "portfolio.wsgi:application",
            "--interface", "wsgi", "--host", host, "--port", str(port),
            "--workers", str(web_workers), "--no-ws",
            "--workers-kill-timeout", "5", "--respawn-failed-workers",
        ],
        "worker": [
            python, "-m", "celery", "-A", "portfolio", "worker", "--loglevel", "INFO",
            "--pool", "prefork", "--concurrency", str(worker_processes),
        ],
        "beat": [
            python, "-m", "celery", "-A", "portfolio", "beat", "--loglevel", "INFO",
            "--pidfile=", "--schedule", folder / "beat-schedule",
        ],
    }  # fmt: skip
