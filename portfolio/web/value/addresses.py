"""Where the pages and panels of value are."""

from django.urls import path

from portfolio.web.value import benchmarks, carbon, chance, ladder, populations, returns
from portfolio.web.value import initiative as one

_ONE = "initiatives/<slug:key>/value/"

urlpatterns = [
    path("value/", ladder.ladder, name="value"),
    path("value/returns/", returns.returns, name="value-returns"),
    path("value/paid-hours/", populations.populations, name="value-populations"),
    path("value/benchmarks/", benchmarks.benchmarks, name="value-benchmarks"),
    path("value/carbon/", carbon.carbon, name="value-carbon"),
    path("value/carbon/write/", carbon.carbon_write, name="value-carbon-write"),
    path("value/uncertainty/", chance.of_place, name="value-chance"),
    path("value/uncertainty/draw/", chance.draw, name="value-chance-draw"),
    path(f"{_ONE}uncertainty/", chance.of_initiative, name="initiative-chance"),
    path(_ONE, one.panels, name="initiative-value"),
    path(f"{_ONE}kpis/", one.kpis, name="initiative-kpis"),
    path(f"{_ONE}kpis/add/", one.kpi_add, name="kpi-add"),
    path(f"{_ONE}kpis/adopt/", one.kpi_adopt, name="kpi-adopt"),
    path(f"{_ONE}kpis/<uuid:kpi_id>/", one.kpi, name="kpi"),
    path(f"{_ONE}kpis/<uuid:kpi_id>/sheet/", one.kpi_sheet, name="kpi-sheet"),
    path(f"{_ONE}kpis/<uuid:kpi_id>/edit/", one.kpi_edit, name="kpi-edit"),
    path(f"{_ONE}kpis/<uuid:kpi_id>/readings/", one.reading, name="kpi-reading"),
    path(f"{_ONE}case/", one.case, name="initiative-case"),
    path(f"{_ONE}case/write/", one.case_write, name="case-write"),
    path(f"{_ONE}case/<uuid:case_id>/approve/", one.case_approve, name="case-approve"),
    path(f"{_ONE}case/<uuid:case_id>/workbook.xlsx", one.case_workbook, name="case-workbook"),
    path(f"{_ONE}case/<uuid:case_id>/rebaseline/", one.case_rebaseline, name="case-rebaseline"),
    path(f"{_ONE}benefits/", one.benefits, name="initiative-benefits"),
    path(f"{_ONE}benefits/add/", one.benefit_add, name="benefit-add"),
    path(f"{_ONE}benefits/<uuid:benefit_id>/claim/", one.claim, name="benefit-claim"),
    path(f"{_ONE}benefits/<uuid:benefit_id>/keep/", one.keep, name="benefit-keep"),
    path(f"{_ONE}benefits/<uuid:benefit_id>/measure/", one.measure, name="benefit-measure"),
    path(f"{_ONE}benefits/<uuid:benefit_id>/sign/", one.sign, name="benefit-sign"),
    path(f"{_ONE}benefits/<uuid:benefit_id>/bank/", one.bank, name="benefit-bank"),
]
