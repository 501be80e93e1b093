"""``python -m portfolio.up [--demo]``: the whole portfolio, without waiting for Django to load."""

import argparse
import sys

from portfolio.env import BadEnvironment
from portfolio.up.command import Demo, add_arguments, add_demo_arguments, launch
from portfolio.up.launch import Options


def main() -> int:
    """Read the arguments and run until stopped."""
    parser = argparse.ArgumentParser(prog="portfolio.up", description="Run the whole portfolio.")
    try:
        add_arguments(parser)
        add_demo_arguments(parser)
    except BadEnvironment as error:
        parser.error(str(error))
    parser.add_argument("--demo", action="store_true", help="load the demo")
    chosen = parser.parse_args()
    options = Options(host=chosen.host, port=chosen.port, var=chosen.var)
    return launch(
        options, Demo(options, chosen.inventory, chosen.initiatives) if chosen.demo else None
    )


if __name__ == "__main__":
    sys.exit(main())
