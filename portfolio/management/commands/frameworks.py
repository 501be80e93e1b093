"""``manage.py frameworks``: list, load, check or import framework files."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from governance_app.audit.acting import context
from governance_app.compliance import selectors, services
from governance_app.domain import frameworks
from governance_app.domain.errors import Sentence
from governance_app.people.services import system_user


class Command(BaseCommand):
    """Exit codes: 0 done, 1 refused with reasons, 2 usage, 3 failed."""

    help = (
        "List the frameworks that count, load those that come with this version, check or import "
        "a file. A faulty file is refused with its line, and nothing changes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Choose what to do."""
        parser.add_argument("do", choices=["list", "load", "check", "import"], nargs="?",
                            default="list")  # fmt: skip
        parser.add_argument("file", type=Path, nargs="?", help="a framework file, JSON")
        parser.add_argument("--json", action="store_true", help="the answer as JSON, for programs")

    def handle(self, *_: Any, **options: Any) -> None:
        """Do it and say what came of it."""
        by, file = system_user("command"), options["file"]
        if (options["do"] in ("check", "import")) != (file is not None):
            self.stderr.write("check and import need a file; list and load take none.")
            sys.exit(2)
        try:
            with context(via="command"):
                if options["do"] == "check":
                    self._checked(file, as_json=options["json"])
                    return
                if options["do"] == "import":
                    services.import_library(content=self._bytes(file), name=file.name, by=by)
                elif options["do"] == "load":
                    services.load_shipped(by=by)
        except Sentence as error:
            self.stderr.write(str(error))
            sys.exit(1)
        found = [
            {
                "key": row.key,
                "version": row.number,
                "name": row.name,
                "kind": row.kind,
                "requirements": row.nodes_total,
                "as_of": row.as_of.isoformat(),
                "sha256": row.digest,
            }
            for row in selectors.libraries(viewer=by)
        ]
        if options["json"]:
            self.stdout.write(json.dumps(found))
            return
        for row in found:
            self.stdout.write(
                f"{row['key']:<28} version {row['version']:<3} {row['requirements']:>4} "
                f"requirements, as of {row['as_of']}"
            )
        if not found:
            self.stdout.write("None is loaded yet: manage.py frameworks load.")

    def _bytes(self, file: Path) -> bytes:
        try:
            return file.read_bytes()
        except OSError as error:
            raise Sentence(f"{file} cannot be read: {error.strerror}.") from error

    def _checked(self, file: Path, *, as_json: bool) -> None:
        read = frameworks.read(self._bytes(file), name=file.name)
        said = {
            "key": read.key,
            "version": read.version,
            "nodes": len(read.nodes),
            "questions": len(read.tree.questions),
            "obligations": len(read.obligations),
            "mappings": len(read.mappings),
        }
        if as_json:
            self.stdout.write(json.dumps(said))
            return
        self.stdout.write(
            f"{read.name}, version {read.version}: {said['nodes']} nodes, {said['questions']} "
            f"questions, {said['obligations']} obligations, {said['mappings']} mappings. Usable."
        )
