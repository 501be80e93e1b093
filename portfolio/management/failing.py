"""How a command ends that met an error nobody planned for: a sentence, and the rest in a log."""

import datetime as dt
import secrets
import sys
import traceback
from collections.abc import Sequence

from django.db import InterfaceError, OperationalError

from governance_app.domain.errors import Sentence
from portfolio import env
from portfolio.up.places import Places

REFUSED, FAILED = 1, 3


def tell(error: Exception, arguments: Sequence[str]) -> int:
    """
    Say in a sentence what went wrong and give the exit code.

    The traceback goes into ``log/commands.log`` of VAR under a reference; ``--traceback`` shows
    it at the terminal instead.

    Args:
        error: what the command let through.
        arguments: the command and its arguments; only the command is logged.
    """
    if isinstance(error, Sentence):
        where = f"{error.where}: " if error.where else ""
        sys.stderr.write(f"{where}{error}\n")
        return REFUSED
    reference = secrets.token_hex(4)
    if isinstance(error, OperationalError | InterfaceError):
        said = (str(error).strip().splitlines() or ["no reason was given"])[0]
        happened = f"The database cannot be used: {said}."
    else:
        happened = "Something went wrong on our side."
    log = Places(env.var_folder()).log("commands")
    command = arguments[0] if arguments else "help"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as out:
            now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
            out.write(f"{now} {command} failed, reference {reference}\n")
            out.writelines(traceback.format_exception(error))
    except OSError:
        found = f"Run {command} again with --traceback to see more."
    else:
        found = f"{log} has it under {reference}; --traceback shows it here."
    sys.stderr.write(f"{happened} {found}\n")
    return FAILED
