"""Returns on every rung, anywhere in the tree, in any currency, as of any day."""

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance_app.books import services as books
from governance_app.domain.money import EXACT, convert, exact_sum
from governance_app.initiatives import services as initiatives
from governance_app.people.services import system_user
from governance_app.rollups import selectors
from governance_app.rollups.models import InitiativeNow
from governance_app.rollups.selectors.passports import passport
from governance_app.rollups.services import rebuild
from governance_app.value import services as value
from tests.rollups.reproducing import is_again, opened

pytestmark = pytest.mark.django_db

SEP, OCT = dt.date(2026, 9, 1), dt.date(2026, 10, 1)


@pytest.fixture
def walked(world: Any) -> Any:
    """Bills of 2,000 and 1,000; September measured 4,000, 3,000 of it agreed, 1,000 banked."""
    initiative = world.initiative()
    world.case(initiative)
    world.bill([(initiative.key, SEP, "2000"), (initiative.key, OCT, "1000")])
    kpi = world.kpi(initiative)
    benefit = world.benefit(initiative, kpi)
    world.read(kpi, dt.date(2026, 9, 20), "16")
    value.measure(benefit=benefit, on=dt.date(2026, 9, 30), by=world.manager)
    world.validate(benefit, SEP, "3000")
    value.bank(benefit=benefit, months={SEP: Decimal(1000)}, bank_ref="CC 1", by=world.finance)
    world.absorb()
    return initiative


def returns(world: Any, **of: Any) -> Any:
    at = selectors.moment(now=world.now, as_of=of.pop("as_of", None))
    return selectors.returns_of(viewer=world.finance, as_of=at, **of)


def test_every_rung_of_an_initiative_has_its_own_return(walked: Any, world: Any) -> None:
    found = returns(world, initiative=walked)
    told = {rung: each.roi_ratio.value for rung, each in found.rungs.items()}
    assert told["validated"] == 0.0
    assert told["measured"] == pytest.approx((told_measured(walked) - 3000) / 3000)
    assert told["banked"] == pytest.approx(-2 / 3)
    assert told["promised"] == pytest.approx(0.8)
    assert found.reasons == {"claimed": "No benefit has been claimed yet."}
    assert found.rungs["validated"].bcr.value == pytest.approx(
        3000 / (2000 + 1000 / 1.1 ** (1 / 12)), rel=1e-9
    )


def told_measured(initiative: Any) -> float:
    return float(InitiativeNow.objects.get(initiative=initiative, known_to=None).measured_to_date)


def test_what_is_sunk_stands_beside_what_is_to_go(walked: Any, world: Any) -> None:
    found = returns(world, initiative=walked)
    assert found.to_go["sunk_cost"].value == 3000
    assert found.to_go["cost"].value == 0
    assert found.to_go["benefit"].value == 1500
    assert 1400 < found.to_go["npv"].need() < 1500
    assert found.to_go["rnpv"].reason == "No stage probabilities are set."


def test_chances_of_stages_turn_what_is_to_go_into_a_risked_worth(walked: Any, world: Any) -> None:
    books.set_value(
        key="stage_probabilities", value={"idea": 0.5, "assessment": 0.5, "pilot": 0.4,
        "scaling": 0.9}, from_on=dt.date(2026, 1, 1), by=world.admin,
    )  # fmt: skip
    world.absorb()
    found = returns(world, initiative=walked)
    assert 0 < found.to_go["rnpv"].need() < found.to_go["npv"].need() / 2


def test_cover_of_a_fiscal_year_is_never_an_roi(walked: Any, world: Any) -> None:
    window = returns(world, initiative=walked).windows[0]
    assert (window.cost, window.covers["validated"].value) == (3000, 1.0)


def test_completion_takes_the_promise_at_the_realisation_so_far(walked: Any, world: Any) -> None:
    found = returns(world, initiative=walked).completion
    assert found.realisation.reason.startswith("Nothing was promised for the months")
    assert found.benefit.reason == found.realisation.reason
    assert found.cost.reason == "No estimate to complete has been submitted."


def test_without_a_rate_there_is_no_figure_and_its_pair_is_named(walked: Any, world: Any) -> None:
    found = returns(world, initiative=walked, currency="EUR")
    assert "validated" not in found.rungs
    assert "USD" in found.reasons["validated"] and "EUR" in found.reasons["validated"]


def test_another_currency_at_one_rate_leaves_the_ratios(walked: Any, world: Any) -> None:
    for month in (SEP, OCT):
        world.rate("EUR", month, "1.25")
    found = returns(world, initiative=walked, currency="EUR")
    assert found.rungs["validated"].benefit == 2400
    assert found.rungs["validated"].roi_ratio.value == 0.0


def test_a_programme_holds_what_stands_under_it_and_nothing_else(walked: Any, world: Any) -> None:
    programme = initiatives.add(
        name="Claims", unit=world.unit, kind="programme", by=world.admin, stage="pilot"
    )
    initiatives.edit(initiative=walked, parent=programme, by=world.admin)
    world.case(world.initiative("Elsewhere"))
    world.absorb()
    found = returns(world, initiative=programme)
    assert found.rungs["promised"].benefit == 1800
    assert found.rungs["validated"].pi.reason == (
        "Several initiatives go live in different months."
    )
    assert returns(world).rungs["promised"].benefit == 3600


def test_a_day_before_shows_what_was_known_then(walked: Any, world: Any) -> None:
    before = world.now.date()
    world.now += dt.timedelta(days=2)
    world.bill([(walked.key, SEP, "9000")])
    world.absorb()
    assert returns(world, initiative=walked).rungs["validated"].cost > 3000
    assert returns(world, initiative=walked, as_of=before).rungs["validated"].cost == 3000


def test_stopping_an_initiative_never_improves_the_past_return(walked: Any, world: Any) -> None:
    other = world.initiative("Loses money")
    world.bill([(other.key, SEP, "5000")], account="acc-2")
    world.absorb()
    before = returns(world).rungs["validated"]
    initiatives.advance_stage(
        initiative=other, to="retired", reason="It loses money.", by=world.admin
    )
    world.absorb()
    after = returns(world).rungs["validated"]
    assert after.roi_ratio.need() <= before.roi_ratio.need()
    assert after.cost == before.cost


@given(
    st.lists(st.decimals(min_value=-(10**9), max_value=10**9, places=6), max_size=20),
    st.decimals(min_value="0.0001", max_value=10000, places=8),
)
def test_converting_commutes_with_summing_at_one_rate(
    amounts: list[Decimal], rate: Decimal
) -> None:
    each = exact_sum(convert(amount, rate) for amount in amounts)
    assert EXACT.subtract(convert(exact_sum(amounts), rate), each) == 0


def test_who_sees_no_money_gets_no_return(walked: Any, world: Any, person: Any) -> None:
    at = selectors.moment(now=world.now)
    assert selectors.returns_of(viewer=person("administrator"), as_of=at) is None


@pytest.mark.parametrize(
    "figure", ["bcr_validated", "dpayback_measured", "pi_promised", "net_banked", "togo_npv",
               "togo_sunk_cost", "completion_cost", "completion_benefit"],
)  # fmt: skip
@pytest.mark.parametrize("subject", ["portfolio", "AI-1"])
def test_every_return_opens_its_passport(
    walked: Any, world: Any, figure: str, subject: str
) -> None:
    at = selectors.moment(now=world.now)
    paper = passport(figure=figure, subject=subject, viewer=world.finance, as_of=at)
    assert paper.title and paper.formula
    assert (paper.value is None) == bool(paper.reason)


def test_what_passports_show_reproduces_every_number_of_the_pages(
    walked: Any, world: Any, client: Any
) -> None:
    """Nothing but what is written there goes into the sums, which others' libraries do."""
    books.set_value(
        key="stage_probabilities", value={"pilot": 0.4, "scaling": 0.9},
        from_on=dt.date(2026, 1, 1), by=world.admin,
    )  # fmt: skip
    rebuild(by=system_user("rollups"), now=world.now)
    client.force_login(world.finance)
    key, day = walked.key, world.now.date()
    done: set[str] = set()
    for address, wanted in (
        (f"/value/returns/?of={key}&as_of={day}", "_promised|_validated|togo_|completion_"),
        (f"/value/returns/?as_of={day}", "npv_validated|togo_|completion_"),
        (f"/initiatives/{key}/value/", "bridge_|case_"),
    ):
        page = client.get(address).content.decode()
        for passport_at in sorted(set(re.findall(r'hx-get="(/passports/[^"]+)"', page))):
            figure = passport_at.split("/")[2]
            if not re.search(wanted, figure):
                continue
            paper = opened(client.get(passport_at.replace("&amp;", "&")).content.decode())
            if paper.reading in ("unknown", ""):
                continue
            assert is_again(figure, paper), (passport_at, paper)
            done.add(figure)
    assert done >= {
        "roi_promised", "npv_promised", "irr_promised", "payback_promised", "dpayback_promised",
        "bcr_promised", "roi_validated", "npv_validated", "bcr_validated", "net_validated",
        "togo_npv", "togo_rnpv", "togo_benefit", "bridge_scope-and-timing", "case_npv",
    }, done  # fmt: skip
