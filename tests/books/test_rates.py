import datetime as dt
from decimal import Decimal

import pytest

from governance_app.books import selectors, services
from governance_app.books.models import DatedSetting, Rate
from governance_app.domain.errors import Sentence

pytestmark = pytest.mark.django_db
MAY = dt.date(2026, 5, 1)


def test_a_missing_rate_is_an_error_that_names_pair_month_and_kind(admin):
    with pytest.raises(selectors.MissingRate, match="No average rate from EUR to USD for May 2026"):
        selectors.rate(base="EUR", quote="USD", month=MAY, kind="average")


def test_the_same_currency_needs_no_rate(db):
    assert selectors.rate(base="USD", quote="USD", month=MAY, kind="average") == 1


def test_a_rate_is_found_both_ways_and_a_correction_counts(admin):
    for value in ("1.10", "1.25"):
        services.enter_rates(
            rates=[("EUR", "USD", MAY, "average", Decimal(value))], source="ECB", by=admin
        )
    assert selectors.rate(base="EUR", quote="USD", month=MAY, kind="average") == Decimal("1.25")
    assert selectors.rate(base="USD", quote="EUR", month=MAY, kind="average") == Decimal("0.8")
    assert Rate.objects.count() == 2


@pytest.mark.parametrize("value", ["0", "-1", "NaN", "Infinity"])
def test_a_rate_is_positive(admin, value):
    with pytest.raises(Sentence, match="A rate is positive"):
        services.enter_rates(
            rates=[("EUR", "USD", MAY, "average", Decimal(value))], source="x", by=admin
        )
    assert not Rate.objects.exists()


def test_a_setting_counts_from_its_day_and_nearest_node(admin, unit, other_unit):
    services.set_value(key="discount_rate", value=0.08, from_on=MAY, by=admin)
    services.set_value(key="discount_rate", value=0.12, from_on=MAY, node=unit, by=admin)
    april = dt.date(2026, 4, 30)
    assert selectors.setting(key="discount_rate", on=april) == 0.10  # the default
    assert selectors.setting(key="discount_rate", on=MAY) == 0.08
    assert selectors.setting(key="discount_rate", on=MAY, node=unit) == 0.12
    assert selectors.setting(key="discount_rate", on=MAY, node=other_unit) == 0.08


@pytest.mark.parametrize(
    ("key", "value"), [("discount_rate", "ten"), ("fiscal_start_month", 13), ("colour", "red")]
)
def test_a_setting_of_another_shape_is_refused(admin, key, value):
    with pytest.raises(Sentence):
        services.set_value(key=key, value=value, from_on=MAY, by=admin)
    assert not DatedSetting.objects.exists()
