"""The policy that ships with the product, as a draft to start from."""

import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "starter.json"


def starter() -> dict[str, Any]:
    """Give the recommended policy: title, document and examples."""
    content: dict[str, Any] = json.loads(FILE.read_text())
    return content
