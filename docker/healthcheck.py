"""Ask the site whether some of its parts work: ``healthcheck.py PARTS [HOST]``, code 0 or 1."""

import sys
import urllib.error
import urllib.request


def main() -> int:
    """Print what /healthz says about the parts."""
    parts = sys.argv[1]
    host = sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1"
    address = f"http://{host}:8000/healthz?only={parts}"
    request = urllib.request.Request(address, headers={"Host": "localhost"})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            sys.stdout.write(answer.read().decode())
            return 0
    except urllib.error.HTTPError as error:
        sys.stdout.write(error.read().decode())
        return 1
    except OSError as error:
        sys.stdout.write(f"{address} does not answer: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
