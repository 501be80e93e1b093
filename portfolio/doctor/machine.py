"""The machine: Python, packages, programs, disk space, settings."""

import ctypes.util
import re
import shutil
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from django.conf import settings
from packaging.markers import Marker

from portfolio import env
from portfolio.doctor.findings import Finding, weak, well, wrong

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)(?: ; (?P<marker>[^\\]+))?")
_GIB = 1 << 30


def examine() -> Iterator[Finding]:
    """Look at what the product stands on."""
    yield _packages()
    yield _disk()
    yield from _keys()
    yield _exposure()
    yield _chromium()
    yield _pango()


def _packages() -> Finding:
    """Compare what is installed with the lock."""
    name = "packages"
    other = [
        f"{package} is {installed or 'missing'}, the lock says {locked}"
        for package, locked in _locked()
        if (installed := _installed(package)) != locked
    ]
    if other:
        shown = "; ".join(other[:3]) + (f" and {len(other) - 3} more" if len(other) > 3 else "")
        return wrong(name, f"{shown}.", "Run make setup.")
    return well(name, "What is installed is what requirements/run.txt says.")


def _locked() -> Iterator[tuple[str, str]]:
    for line in (env.BASE / "requirements" / "run.txt").read_text().splitlines():
        pin = _PIN.match(line)
        if pin and (pin["marker"] is None or Marker(pin["marker"].strip()).evaluate()):
            yield pin["name"], pin["version"]


def _installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _disk() -> Finding:
    name = "disk space"
    folder = next(place for place in (settings.VAR, *settings.VAR.parents) if place.exists())
    free = shutil.disk_usage(folder).free / _GIB
    says = f"{free:.1f} GiB are free for {settings.VAR}."
    if free < 0.5:
        return wrong(name, says, "Free some space: the database stops when the disk is full.")
    if free < 5:
        return weak(name, says, "Free some space, or move the data: VAR=/larger/disk.")
    return well(name, says)


def _keys() -> Iterator[Finding]:
    if env.text("SECRET_KEY"):
        yield well("signing key", "SECRET_KEY is set.")
    else:
        yield wrong(
            "signing key",
            "SECRET_KEY is not set, so nobody stays signed in.",
            "Set SECRET_KEY to 50 random characters, the same for all processes.",
        )
    if env.text("SECRETS_KEY"):
        yield well("key of secrets", "SECRETS_KEY is set.")
    else:
        yield wrong(
            "key of secrets",
            "SECRETS_KEY is not set, so connections cannot keep a password or token.",
            "Set SECRETS_KEY as docker/env.example says, and keep a copy in a safe place.",
        )


def _exposure() -> Finding:
    name = "exposure"
    if settings.DEBUG:
        return wrong(name, "DEBUG is on: error pages show code and settings.", "Unset DEBUG.")
    here = {"localhost", "127.0.0.1", "[::1]"}
    others = [host for host in settings.ALLOWED_HOSTS if host not in here]
    if others and not settings.HTTPS:
        return weak(
            name,
            f"The site answers as {', '.join(others)} with cookies that travel unencrypted.",
            "Put a proxy with a certificate in front and set HTTPS=1 and PROXIED=1.",
        )
    return well(name, "Errors stay inside and cookies travel safely.")


def _chromium() -> Finding:
    for program in CHROMIUM:
        path = shutil.which(program)
        if path:
            return well("Chromium", f"{path} is there for browser tests.")
    return weak(
        "Chromium", "No Chromium was found: browser tests cannot run.", "apt-get install chromium"
    )


def _pango() -> Finding:
    if ctypes.util.find_library("pango-1.0") and ctypes.util.find_library("pangoft2-1.0"):
        return well("Pango", "It is there for documents in PDF.")
    return weak(
        "Pango",
        "Pango was not found: documents in PDF cannot be made.",
        "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core",
    )
