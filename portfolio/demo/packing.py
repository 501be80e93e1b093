"""Reports of the company: last month's board pack, signed, the next, and what comes round."""

import datetime as dt
from typing import Any

from django.utils import timezone

from governance_app.exports import services as exports
from governance_app.exports.documents import Wish
from governance_app.exports.models import BoardPack
from governance_app.people.models import ScopeNode, User
from governance_app.people.services import system_user
from governance_app.rollups import selectors as rollups
from governance_app.rollups.catching_up import absorb_all
from governance_app.spend.selectors import SpendFilter
from portfolio.demo.accounts import ACCOUNTS
from portfolio.demo.load import Progress

_WORDS = {
    "value": "Finance has looked at every benefit above a hundred thousand. Contact centres and"
    " claims carry most of what is validated; what waits is signed by its owners.",
    "spend": "Inference grew faster than traffic. Two teams move to smaller models this quarter.",
    "risk": "The three above appetite have owners and dates; none of them takes new customers.",
}
_ACTION = "Say which of the pilots past their time box stop, and what their stop releases"


def load_packs(*, job: Progress, by: User) -> dict[str, Any]:
    """Write and sign the pack of last month and begin the next one; a second run adds nothing."""
    if BoardPack.objects.exists():
        return {"packs": 0}
    emails = {account.role: account.email for account in ACCOUNTS}
    writer = User.objects.get(email=emails["finance_partner"])
    signer = User.objects.get(email=emails["executive"])
    root = ScopeNode.objects.get(kind=ScopeNode.Kind.ORGANISATION)
    job.stage("Board packs", total=2)
    absorb_all(by=system_user("rollups"), clock=timezone.now)
    today = timezone.localdate()
    last = today.replace(day=1) - dt.timedelta(days=1)
    pack = exports.begin_pack(node=root, title=f"Board, {last:%B %Y}", on=last, by=writer)
    exports.write_words(pack=pack, words=_WORDS, version=None, by=writer)
    exports.add_action(
        pack=pack, text=_ACTION, owner=signer, due_on=today + dt.timedelta(days=21), by=writer
    )
    exports.sign_pack(pack=pack, version=None, by=signer)
    exports.make_files(pack_id=str(pack.pk), by=writer)
    job.advance(1)
    exports.begin_pack(node=root, title=f"Board, {today:%B %Y}", on=today, by=writer)
    job.advance(2)
    return {"packs": 2, "schedules": _schedules(writer, signer)}


def _schedules(writer: User, reader: User) -> int:
    """Let the inventory of regulators and the one-pager of the dearest initiative come round."""
    exports.add_schedule(
        name="EU AI Act inventory, monthly", sheet="eu_register", file_format="xlsx",
        chosen=SpendFilter(), every="month", target="store", address="regulators", by=writer,
    )  # fmt: skip
    deciding = rollups.deciding_initiatives(
        viewer=writer, as_of=rollups.moment(now=timezone.now()), limit=1
    )
    for row in deciding:
        exports.add_schedule(
            name=f"{row.key} on one page, weekly", sheet="one_pager", file_format="pdf",
            chosen=Wish(initiative=row.key), every="week", target="email", address=reader.email,
            by=writer,
        )  # fmt: skip
    return 1 + len(deciding)
