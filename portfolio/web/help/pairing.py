"""Which text of docs/how-to/ belongs to which page; pure."""

import re

#: A pattern of addresses and the text beside them; the first that fits counts.
BESIDE: tuple[tuple[str, str], ...] = (
    (r"/$", "read-the-home-page"),
    (r"/portfolio/import/", "start-with-your-own-list"),
    (r"/welcome/", "start-with-your-own-list"),
    (r"/portfolio/", "explore-the-portfolio"),
    (r"/(week|intake)/", "keep-initiatives-current"),
    (r"/initiatives/[^/]+/value/case/", "write-a-case"),
    (r"/initiatives/[^/]+/value/", "prove-value"),
    (r"/initiatives/[^/]+/risk/", "handle-risks-and-incidents"),
    (r"/initiatives/[^/]+/compliance/", "show-compliance"),
    (r"/initiatives/[^/]+/gates/", "decide-at-gates"),
    (r"/initiatives/", "keep-initiatives-current"),
    (r"/value/scenarios/", "choose-what-to-fund"),
    (r"/value/", "prove-value"),
    (r"/risk/", "handle-risks-and-incidents"),
    (r"/compliance/", "show-compliance"),
    (r"/governance/", "decide-at-gates"),
    (r"/connections/waiting/", "place-what-connectors-bring"),
    (r"/connections/inbound/", "push-with-a-connector-token"),
    (r"/connections/", "connect-a-source"),
    (r"/inventory/bills/", "handle-risks-and-incidents"),
    (r"/inventory/", "place-what-connectors-bring"),
    (r"/spend/(close|coding|orders|invoices|journals|second-looks)/", "close-a-month"),
    (r"/spend/rules/", "allocate"),
    (r"/spend/bills/", "load-bills"),
    (r"/spend/plan/", "export-and-plan"),
    (r"/spend/", "read-spend"),
    (r"/reports/packs/", "make-a-board-pack"),
    (r"/reports/", "export-and-plan"),
    (r"/(inbox|account/notices)/", "be-told"),
    (r"/trail/", "prove-the-trail"),
    (r"/settings/", "set-up-people-and-books"),
)
#: What helps where nothing above fits: finding one's way.
ELSEWHERE = "find-your-way"
#: Texts for those who run an installation or change its code; they stand apart on the shelf.
FOR_KEEPERS = frozenset(
    {
        "add-a-connector", "back-up-and-restore", "break-it-on-purpose",
        "look-into-a-running-demo", "read-files-nobody-vouches-for", "two-roles",
    }
)  # fmt: skip


def beside(path: str) -> str:
    """
    Name the text that belongs to an address.

    >>> beside("/spend/close/2026-10/invoices/"), beside("/"), beside("/account/")
    ('close-a-month', 'read-the-home-page', 'find-your-way')
    """
    for pattern, name in BESIDE:
        if re.match(pattern, path):
            return name
    return ELSEWHERE
