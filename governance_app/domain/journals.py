"""Journals: debits and credits that sum to nothing, in minor units. METHOD sections 1 and 7."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from governance_app.domain.money import EXACT, exact_sum, to_minor_units

_SMALLEST = Decimal(1).scaleb(-18)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where an amount is booked: what makes two amounts one line of a journal."""

    account: str
    cost_centre: str = ""
    project: str = ""
    vendor: str = ""
    tax_code: str = ""
    partner: str = ""
    initiative: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    """
    A line of the books, as journals need it; amounts are exact and signed.

    ``billed`` is owed to the vendor, ``effective`` is borne, ``recoverable`` the tax in it.
    """

    payer: str
    entity: str
    place: Place
    currency: str
    billed: Decimal
    effective: Decimal
    recoverable: Decimal

    @property
    def cost(self) -> Decimal:
        """What stays with the entity that bears it."""
        return EXACT.subtract(self.effective, self.recoverable)


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms an entity charges another; ratios, 0.05 is 5 %."""

    reference: str
    mark_up: Decimal
    tax_code: str
    tax_rate: Decimal
    recoverable: Decimal


#: A journal before it is written: place -> signed amount in minor units, debits positive.
Entries = dict[Place, Decimal]
#: Entity and currency: what a journal balances in, besides its month.
Book = tuple[str, str]


def balanced(amounts: Mapping[Place, Decimal], against: Place, *, currency: str) -> Entries:
    """
    Round amounts to minor units, and balance them on one account.

    Args:
        amounts: place -> exact signed amount; debits are positive.
        against: the place that takes the other side.

    Returns:
        place -> amount in minor units, ``against`` last; nothing that is 0. They sum to 0.

    >>> entries = balanced({Place("4000"): Decimal("0.005"), Place("4100"): Decimal("0.01")},
    ...                    Place("1990"), currency="USD")
    >>> [(place.account, f"{amount}") for place, amount in entries.items()]
    [('4000', '0.01'), ('4100', '0.01'), ('1990', '-0.02')]
    """
    rounded = to_minor_units(dict(sorted(amounts.items())), currency=currency)
    entries = {place: amount for place, amount in rounded.items() if amount}
    rest = -exact_sum(entries.values())
    if rest:
        entries[against] = EXACT.add(entries.get(against, Decimal(0)), rest)
        if not entries[against]:
            del entries[against]
    return entries


def allocation(costs: Iterable[Cost], accounts: Mapping[str, str]) -> dict[Book, Entries]:
    """
    Distribute what payers owe to vendors over the places that bear it.

    Own costs go to their places, costs of other entities to the intercompany clearing account,
    recoverable tax and prepayments to theirs; the clearing account takes what was billed.
    """
    sums: dict[Book, dict[Place, Decimal]] = {}
    for one in costs:
        book = sums.setdefault((one.payer, one.currency), {})
        if one.entity == one.payer:
            _add(book, one.place, one.cost)
        else:
            _add(book, _between(accounts, one.entity), one.cost)
        if one.recoverable:
            _add(book, _tax(accounts, one), one.recoverable)
        _add(
            book,
            Place(accounts["prepaid"], text="Paid ahead"),
            EXACT.subtract(one.billed, one.effective),
        )
    clearing = Place(accounts["clearing"], text="Invoices of vendors")
    return _whole(sums, clearing)


def accruals(costs: Iterable[Cost], accounts: Mapping[str, str]) -> dict[Book, Entries]:
    """Book what is estimated, or with negative amounts take it back, against accrued costs."""
    sums: dict[Book, dict[Place, Decimal]] = {}
    for one in costs:
        book = sums.setdefault((one.payer, one.currency), {})
        own = one.place if one.entity == one.payer else _between(accounts, one.entity)
        _add(book, own, one.effective)
    return _whole(sums, Place(accounts["accrued"], text="Not yet invoiced"))


def recharges(
    costs: Iterable[Cost],
    accounts: Mapping[str, str],
    terms: Mapping[tuple[str, str], Terms],
) -> dict[Book, Entries]:
    """
    Charge entities for what others paid for them, with mark-up and tax; both sides agree.

    Raises:
        KeyError: a payer and bearer without terms; ask before.
    """
    grouped: dict[tuple[str, str, str], list[Cost]] = {}
    for one in costs:
        if one.payer != one.entity:
            grouped.setdefault((one.payer, one.entity, one.currency), []).append(one)
    found: dict[Book, Entries] = {}
    for (payer, bearer, currency), lines in sorted(grouped.items()):
        on = terms[payer, bearer]
        base = exact_sum(line.cost for line in lines)
        mark_up = _exact(EXACT.multiply(base, on.mark_up))
        charged = EXACT.add(base, mark_up)
        tax = _exact(EXACT.multiply(charged, on.tax_rate))
        back = _exact(EXACT.multiply(tax, on.recoverable))
        given = balanced(
            {
                _between(accounts, bearer): -base,
                Place(accounts["mark_up_income"], partner=bearer, text=on.reference): -mark_up,
                Place(
                    accounts["tax_payable"], tax_code=on.tax_code, partner=bearer,
                    text=on.reference,
                ): -tax,
            },
            Place(accounts["intercompany_receivable"], partner=bearer, text=on.reference),
            currency=currency,
        )  # fmt: skip
        borne: dict[Place, Decimal] = {}
        for line in lines:
            _add(borne, _of_partner(line.place, payer), line.cost)
        kept = EXACT.subtract(EXACT.add(mark_up, tax), back)
        _spread(borne, kept)
        _add(
            borne,
            Place(
                accounts["tax_recoverable"], tax_code=on.tax_code, partner=payer, text=on.reference
            ),
            back,
        )
        taken = balanced(
            borne,
            Place(accounts["intercompany_payable"], partner=payer, text=on.reference),
            currency=currency,
        )
        for book, entries in (((payer, currency), given), ((bearer, currency), taken)):
            whole = found.setdefault(book, {})
            for place, amount in entries.items():
                _add(whole, place, amount)
    return {book: {p: a for p, a in entries.items() if a} for book, entries in found.items()}


def less(target: Entries, posted: Iterable[Entries]) -> Entries:
    """Give what is still to be booked: the target less what posted journals say already."""
    rest = dict(target)
    for entries in posted:
        for place, amount in entries.items():
            _add(rest, place, -amount)
    return {place: amount for place, amount in sorted(rest.items()) if amount}


def sides(entries: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    """
    Sum debits and credits, both positive.

    >>> sides([Decimal("2.50"), Decimal("-2.50")])
    (Decimal('2.50'), Decimal('2.50'))
    """
    debit = exact_sum(amount for amount in entries if amount > 0)
    return debit, -exact_sum(amount for amount in entries if amount < 0)


def _whole(sums: Mapping[Book, dict[Place, Decimal]], against: Place) -> dict[Book, Entries]:
    found = {
        book: balanced(amounts, against, currency=book[1]) for book, amounts in sorted(sums.items())
    }
    return {book: entries for book, entries in found.items() if entries}


def _add(book: dict[Place, Decimal], place: Place, amount: Decimal) -> None:
    book[place] = EXACT.add(book.get(place, Decimal(0)), amount)


def _between(accounts: Mapping[str, str], partner: str) -> Place:
    return Place(accounts["intercompany_clearing"], partner=partner, text="Paid for others")


def _tax(accounts: Mapping[str, str], one: Cost) -> Place:
    return Place(
        accounts["tax_recoverable"], tax_code=one.place.tax_code, text="Tax that comes back"
    )


def _of_partner(place: Place, partner: str) -> Place:
    return Place(
        place.account, place.cost_centre, place.project, place.vendor, place.tax_code, partner,
        place.initiative, place.text,
    )  # fmt: skip


def _spread(book: dict[Place, Decimal], amount: Decimal) -> None:
    """Add an amount to places in proportion to what they bear, exactly; to the first if nothing."""
    gross = exact_sum(abs(value) for value in book.values())
    places = sorted(book)
    if not amount or not places:
        return
    left = amount
    for place in places[1:]:
        part = (
            _exact(EXACT.divide(EXACT.multiply(amount, abs(book[place])), gross))
            if gross
            else Decimal(0)
        )
        book[place] = EXACT.add(book[place], part)
        left = EXACT.subtract(left, part)
    book[places[0]] = EXACT.add(book[places[0]], left)


def _exact(amount: Decimal) -> Decimal:
    return amount.quantize(_SMALLEST, rounding=ROUND_HALF_UP, context=EXACT)
