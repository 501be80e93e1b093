"""Numbers, money, dates and small components as every page writes them."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from portfolio.charts import theme
from portfolio.web.templatetags import formats


def render(source: str, **context: object) -> str:
    return Template("{% load formats %}" + source).render(Context(context))


def test_money_is_short_with_full_precision_in_the_tooltip() -> None:
    text = formats.money(Decimal("38214567.120000000000000000"), "USD")
    assert text == '<span title="USD 38,214,567.12">$38.2M</span>'


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        (0, "USD", "$0"),
        (Decimal("4.2"), "EUR", "€4.20"),
        (-2_800_000, "USD", "−$2.8M"),
        (999_950, "USD", "$1.0M"),
        (412_000_000, "GBP", "£412M"),
        (1_250_000_000, "CHF", "CHF\xa01.3B"),
        (Decimal("-0.001"), "USD", "$0.00"),
    ],
)
def test_money_reads_as_people_say_it(value: Decimal, currency: str, text: str) -> None:
    assert formats.money_text(value, currency) == text


@pytest.mark.parametrize("blank", [None, "", float("nan")])
def test_unknown_is_said_and_never_zero(blank: object) -> None:
    for write in (lambda v: formats.money(v, "USD"), formats.percent, formats.millions):
        assert "unknown" in write(blank)
    assert formats.count(blank) == "unknown"


def test_the_reason_of_an_unknown_value_is_its_tooltip() -> None:
    text = render('{% figure None "money" "USD" reason="No rate for EUR in Oct 2026." %}')
    assert 'title="No rate for EUR in Oct 2026."' in text
    assert ">unknown</span>" in text


def test_rounding_is_half_up() -> None:
    assert formats.number(Decimal("2.25"), 1) == "2.3"
    assert formats.percent(Decimal("0.125")) == "13%"


def test_numbers_have_a_true_minus_and_never_a_negative_zero() -> None:
    assert formats.signed(-3) == "−3"
    assert formats.signed_percent(Decimal("0.034"), 1) == "+3.4%"
    assert formats.number(Decimal("-0.04"), 1) == "0.0"


def test_dates_read_as_in_the_brief() -> None:
    assert formats.day(date(2026, 11, 21)) == "21 Nov 2026"
    assert formats.month(date(2026, 11, 1)) == "Nov 2026"


def test_moments_are_shown_in_the_viewers_zone() -> None:
    with timezone.override("Asia/Tokyo"):
        assert "22 Nov 2026, 00:30" in formats.moment(datetime(2026, 11, 21, 15, 30, tzinfo=UTC))
        assert formats.day(datetime(2026, 11, 21, 15, 30, tzinfo=UTC)) == "22 Nov 2026"


def test_a_figure_with_a_passport_is_a_button_that_fetches_it() -> None:
    text = render(
        '{% figure v "money" "USD" passport="/passports/x/" label="Spend" %}', v=38_200_000
    )
    assert text.startswith('<button type="button" class="figure ')
    assert 'hx-get="/passports/x/"' in text
    assert 'aria-label="Spend: $38.2M. Show where it comes from"' in text


def test_a_stale_figure_is_greyed_and_says_why() -> None:
    text = render('{% figure 5 "count" stale="Last read 41 days ago." %}')
    assert 'class="stale"' in text
    assert "Last read 41 days ago." in text


def test_a_change_is_orange_when_more_is_bad() -> None:
    assert render('{% change v "percent" up_is="bad" %}', v=0.22) == (
        '<span class="delta bad">+22%</span>'
    )
    assert "delta good" in render('{% change v "money" "USD" up_is="bad" %}', v=-5_000)


def test_bars_need_no_style_attribute() -> None:
    text = render("{% bar 25 50 40 %}")
    assert "style=" not in text
    assert 'width="50.00"' in text
    assert 'x1="80.00"' in text


def test_a_split_bar_fills_its_whole_width() -> None:
    text = render("{% split_bar parts %}", parts=[10, 20, None, 10])
    assert text.count("<rect") == 4
    assert 'x="75.00" width="25.00"' in text


def test_a_sort_link_keeps_filters_and_turns_the_order() -> None:
    request = RequestFactory().get("/portfolio/?stage=pilot&sort=-spend&page=3")
    text = Template('{% load formats %}{% sort_link "spend" "Spend" "-" %}').render(
        Context({"request": request})
    )
    assert 'href="?stage=pilot&amp;sort=spend"' in text
    assert 'aria-current="true"' in text


def test_chart_data_cannot_end_its_script() -> None:
    figure = theme.figure(
        data=[{"type": "bar", "x": ["</script><b>"], "y": [1]}],
        title="</script>",
        subtitle="",
        sentence="",
        table=(["a"], [["</script>"]]),
        xaxis={"type": "category"},
        yaxis={"range": [0, 1]},
    )
    text = render('{% chart figure "one" %}', figure=figure)
    assert text.count("</script>") == 1
    source = text.split('<script type="application/json">')[1].split("</script>")[0]
    assert json.loads(source)["data"][0]["x"] == ["</script><b>"]
