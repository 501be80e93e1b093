"""Sentences that rows keep are read back, whatever was filled in."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from governance_app.domain import texts
from governance_app.domain.phrases import Phrase, in_a_row, month, phrase
from portfolio.charts import manners, tongue, wording

NAMES = st.text(alphabet="abc cost:has", min_size=1).map(lambda name: f"X{name}X")
AMOUNTS = st.integers(0, 10**12).map(lambda amount: f"{amount:,}")
MONTHS = st.dates(dt.date(2000, 1, 1), dt.date(2099, 1, 1)).map(month)


@given(NAMES, AMOUNTS, MONTHS)
def test_a_reason_and_an_alert_are_read_back(name: str, amount: str, on: Phrase) -> None:
    reason = phrase(texts.NO_READING.form, kpi=name, month=on)
    alert = phrase(
        texts.SPENT.form, place=name, amount=amount, budget="900", currency="EUR", year="2026",
        share="100 %", through=on,
    )  # fmt: skip
    for told in (reason, alert):
        read = texts.read_back(str(told))
        assert isinstance(read, Phrase)
        assert (read, read.form) == (told, told.form)
        assert read.values.get("kpi", name) == read.values.get("place", name) == name
    assert texts.read_back(str(alert)).values["amount"] == Decimal(amount.replace(",", ""))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "german"),
    [
        (
            "Azure OpenAI in account X cost 3.1 times its usual Tuesday: +2,100 USD",
            "Azure OpenAI im Konto X: das 3,1-Fache des Üblichen (Dienstag), +2.100 USD",
        ),
        (
            "Spend cost nothing, unlike its usual month: \u2212900 EUR",
            "Ausgaben: keine Kosten, anders als in einem üblichen Monat, \u2212900 EUR",
        ),
        (
            "Claims has spent 12,500 of 10,000 EUR budgeted for 2026, 100 % or more, through "
            "October 2026.",
            "Claims hat bis Oktober 2026 12.500 von 10.000 EUR ausgegeben, die für 2026 "
            "budgetiert sind: 100 % oder mehr.",
        ),
        (
            "Wait has no fresh reading for March 2026.",
            "Wait hat keinen frischen Messwert für März 2026.",
        ),
        ("Nobody has no name in here", "Nobody has no name in here"),
        ("High risk cannot be ruled out.", "Hohes Risiko: nicht auszuschließen."),
        (
            "1 initiative has no approved case with months to come.",
            "1 Initiative hat keinen genehmigten Case mit kommenden Monaten.",
        ),
        (
            "1,204 cases have no range and count at the likely value.",
            "1.204 Cases haben keine Spanne und zählen mit dem wahrscheinlichen Wert.",
        ),
        ("Ada Lamm named you: AI-4 Claims", "Ada Lamm hat Sie erwähnt: AI-4 Claims"),
        (
            "14 breaches in 90 days; 3 bring a unit back to the board.",
            "14 Brüche in 90 Tagen; 3 bringen einen Bereich zurück vor das Board.",
        ),
    ],
)
def test_what_was_kept_is_said_in_german(text: str, german: str) -> None:
    told = tongue.Tongue(translation.gettext, translation.ngettext)
    with translation.override("de"), manners.using("de"), tongue.using(told):
        assert wording.said(text) == german
    assert wording.said(text) == text


def test_a_forecast_is_read_back_with_what_stands_behind_it() -> None:
    behind = "Even at the upper edge of its band the year stays within its budget."
    told = phrase(
        texts.FORECAST.form, place="A", amount="1,200", currency="EUR", year="2026", low="1,000",
        high="2,000", share="80 %", budget="1,500",
    )  # fmt: skip
    read = texts.read_back(str(in_a_row(" ", [told, behind])))
    assert isinstance(read, Phrase) and isinstance(read.values["first"], Phrase)
    assert read.values["first"].form == told.form and isinstance(read.values["second"], Phrase)
