"""``python -m portfolio.up``: the whole portfolio, without waiting for Django to load."""

import argparse
import sys
from pathlib import Path

from portfolio import env
from portfolio.up.errors import LauncherError
from portfolio.up.launch import FAILED, REFUSED, Launcher, Options, say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what a person may choose; the environment gives the defaults."""
    parser.add_argument("--host", default=env.text("HOST", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=env.whole("PORT", default=8000))
    parser.add_argument("--var", type=Path, default=env.var_folder(), help="folder of the data")


def options_of(chosen: argparse.Namespace) -> Options:
    """Turn parsed arguments into the launcher's options."""
    return Options(host=chosen.host, port=chosen.port, var=chosen.var)


def main() -> int:
    """Run the portfolio until it is stopped; 0 stopped, 1 refused with a sentence, 3 failed."""
    parser = argparse.ArgumentParser(prog="up", description=__doc__)
    add_arguments(parser)
    try:
        return Launcher(options_of(parser.parse_args()), prepare=lambda _: None).run(
            ready=lambda: say("Stop it with Ctrl-C.")
        )
    except (LauncherError, env.BadEnvironment) as error:
        print(error, file=sys.stderr)
        return REFUSED
    except Exception as error:
        print(f"The launcher failed: {error!r}", file=sys.stderr)
        return FAILED


if __name__ == "__main__":
    sys.exit(main())
