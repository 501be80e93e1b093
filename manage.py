#!/usr/bin/env python
"""The command-line door: ``python manage.py help`` lists the commands."""

import gc
import os
import sys


def main() -> int:
    """Hand the arguments to Django, beside a running database. Exit codes: DESIGN section 9."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portfolio.settings")
    from django.core.management import execute_from_command_line

    from portfolio.env import BadEnvironment
    from portfolio.up.attach import attached
    from portfolio.up.errors import LauncherError

    if sys.argv[1:2] == ["migrate"]:
        gc.disable()  # the models of every state are made and thrown away: 40 % of the time
    try:
        with attached(sys.argv[1:]):
            execute_from_command_line(sys.argv)
    except BadEnvironment as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except LauncherError as error:
        sys.stderr.write(f"{error}\n")
        return 3
    except Exception as error:
        if "--traceback" in sys.argv:
            raise
        from portfolio.management.failing import tell

        return tell(error, sys.argv[1:])
    return 0


if __name__ == "__main__":
    sys.exit(main())
