"""Version 1: the same services as the pages."""

from django.urls import path

from portfolio.api.v1.assessments import AssessmentActs
from portfolio.api.v1.assessments import Controls as AppliedControls
from portfolio.api.v1.bias_audits import BiasAudits
from portfolio.api.v1.bills import Bills
from portfolio.api.v1.carbon import Carbon, Intensities
from portfolio.api.v1.cases import Cases
from portfolio.api.v1.chance import Chances, Simulations
from portfolio.api.v1.close import Invoices, Journals, Months
from portfolio.api.v1.compliance import (
    Assessments,
    ClassificationReviews,
    Classifications,
    Frameworks,
    Gaps,
    RegulatoryInventory,
)
from portfolio.api.v1.connections import Connections, Runs, Sources
from portfolio.api.v1.documents import Campaigns, PolicyDocuments, PolicyExceptions
from portfolio.api.v1.duties import Held
from portfolio.api.v1.explorer import Changes, Views, WorkbookApplying, Workbooks
from portfolio.api.v1.exports import Exports, Layouts, Schedules
from portfolio.api.v1.gates import GateChecks, GateModes, GatePolicies, Gates
from portfolio.api.v1.inbound import CloudEvents, Lineage, Metrics
from portfolio.api.v1.initiatives import Initiatives, Statuses
from portfolio.api.v1.jobs import Jobs
from portfolio.api.v1.kpi_library import Benchmarks, CaseSheets, Dispositions, KpiLibrary
from portfolio.api.v1.loads import BillReplay, LoadChanges, Loads
from portfolio.api.v1.log import Comments, Intake, Log
from portfolio.api.v1.mapping import MappingRules, SeatsDoor, Strays
from portfolio.api.v1.notices import Notices
from portfolio.api.v1.oversight import Actions, Queues
from portfolio.api.v1.packs import PackActions, Packs
from portfolio.api.v1.plans import Budgets, Plans, Rounds
from portfolio.api.v1.rates import Rates
from portfolio.api.v1.readings import Readings, SeriesDoor
from portfolio.api.v1.returns import Passports, ReturnsDoor
from portfolio.api.v1.risk import Incidents, Risks, Signals
from portfolio.api.v1.rules import (
    Allocations,
    Anomalies,
    Pools,
    Proposals,
    RuleEffects,
    Rules,
)
from portfolio.api.v1.scenarios import FundingProposals, Scenarios
from portfolio.api.v1.second_looks import SecondLooks
from portfolio.api.v1.spend import InitiativeMonths, Totals, UnitMonths
from portfolio.api.v1.units import Units
from portfolio.api.v1.value import Benefits, Bridges, Effects, Kpis, PaidHours

urlpatterns = [
    path("initiatives/", Initiatives.as_view({"get": "list", "post": "add"}, detail=False)),
    path(
        "initiatives/<slug:key>/",
        Initiatives.as_view({"get": "read", "patch": "edit"}, detail=True),
    ),
    path("initiatives/<slug:key>/stage/", Initiatives.as_view({"post": "stage"}, detail=True)),
    path(
        "initiatives/<slug:key>/statuses/",
        Statuses.as_view({"get": "list", "post": "post_status"}, detail=False),
    ),
    path(
        "initiatives/<slug:key>/comments/",
        Comments.as_view({"get": "list", "post": "add"}, detail=False),
    ),
    path("initiatives/<slug:key>/log/", Log.as_view({"get": "list", "post": "add"}, detail=False)),
    path(
        "initiatives/<slug:key>/log/<uuid:entry_id>/", Log.as_view({"post": "close"}, detail=True)
    ),
    path("views/", Views.as_view({"get": "list", "post": "keep"}, detail=False)),
    path(
        "views/<uuid:view_id>/",
        Views.as_view({"patch": "change", "delete": "forget"}, detail=True),
    ),
    path("changes/", Changes.as_view({"get": "list", "post": "make"}, detail=False)),
    path("changes/<uuid:change_id>/undo/", Changes.as_view({"post": "undo"}, detail=True)),
    path("workbook/", Workbooks.as_view({"get": "download", "post": "send"}, detail=True)),
    path("workbook/<uuid:workbook_id>/", Workbooks.as_view({"get": "read"}, detail=True)),
    path(
        "workbook/<uuid:workbook_id>/apply/",
        WorkbookApplying.as_view({"post": "apply"}, detail=True),
    ),
    path("intake/", Intake.as_view({"get": "list", "post": "propose"}, detail=False)),
    path("spend/rules/", Rules.as_view({"get": "list", "post": "change"}, detail=False)),
    path("spend/rules/preview/", RuleEffects.as_view({"post": "preview"}, detail=False)),
    path("spend/rules/proposals/", Proposals.as_view({"get": "list"}, detail=False)),
    path(
        "spend/rules/proposals/<uuid:proposal_id>/",
        Proposals.as_view({"post": "decide"}, detail=True),
    ),
    path("spend/pools/", Pools.as_view({"get": "list", "post": "order"}, detail=False)),
    path("spend/allocations/", Allocations.as_view({"get": "list"}, detail=False)),
    path("spend/anomalies/", Anomalies.as_view({"get": "list"}, detail=False)),
    path("spend/anomalies/<uuid:anomaly_id>/", Anomalies.as_view({"post": "decide"}, detail=True)),
    path("spend/loads/", Loads.as_view({"get": "list"}, detail=False)),
    path("spend/loads/<uuid:load_id>/changes/", LoadChanges.as_view({"get": "read"}, detail=True)),
    path(
        "spend/bills/<uuid:delivery_id>/replay/", BillReplay.as_view({"post": "send"}, detail=True)
    ),
    path("spend/initiatives/", InitiativeMonths.as_view({"get": "list"}, detail=False)),
    path("spend/units/", UnitMonths.as_view({"get": "list"}, detail=False)),
    path("spend/months/", Totals.as_view({"get": "list"}, detail=False)),
    path("close/months/", Months.as_view({"get": "list"}, detail=False)),
    path(
        "close/months/<slug:month>/", Months.as_view({"get": "read", "post": "step"}, detail=True)
    ),
    path("close/months/<slug:month>/invoices/", Invoices.as_view({"get": "list"}, detail=True)),
    path("close/invoices/", Invoices.as_view({"post": "add"}, detail=False)),
    path("close/journals/", Journals.as_view({"get": "list"}, detail=False)),
    path("close/journals/<uuid:journal_id>/", Journals.as_view({"get": "read"}, detail=True)),
    path(
        "close/journals/<uuid:journal_id>/post/",
        Journals.as_view({"post": "post_it"}, detail=True),
    ),
    path(
        "close/journals/<uuid:journal_id>/number/",
        Journals.as_view({"post": "number"}, detail=True),
    ),
    path("close/second-looks/", SecondLooks.as_view({"get": "list"}, detail=False)),
    path(
        "close/second-looks/<uuid:look_id>/", SecondLooks.as_view({"post": "decide"}, detail=True)
    ),
    path("exports/", Exports.as_view({"get": "list", "post": "start"}, detail=False)),
    path("exports/<uuid:export_id>/", Exports.as_view({"get": "read"}, detail=True)),
    path("exports/<uuid:export_id>/file/", Exports.as_view({"get": "download"}, detail=True)),
    path("layouts/", Layouts.as_view({"get": "list", "post": "add"}, detail=False)),
    path("layouts/<uuid:layout_id>/", Layouts.as_view({"patch": "edit"}, detail=True)),
    path("schedules/", Schedules.as_view({"get": "list", "post": "add"}, detail=False)),
    path("schedules/<uuid:schedule_id>/", Schedules.as_view({"patch": "edit"}, detail=True)),
    path("packs/", Packs.as_view({"get": "list", "post": "begin"}, detail=False)),
    path("packs/actions/", PackActions.as_view({"get": "own"}, detail=False)),
    path("packs/actions/<uuid:action_id>/end/", PackActions.as_view({"post": "end"}, detail=True)),
    path("packs/<uuid:pack_id>/", Packs.as_view({"get": "read", "patch": "write"}, detail=True)),
    path("packs/<uuid:pack_id>/refresh/", Packs.as_view({"post": "refresh"}, detail=True)),
    path("packs/<uuid:pack_id>/sign/", Packs.as_view({"post": "sign"}, detail=True)),
    path("packs/<uuid:pack_id>/files/", Packs.as_view({"post": "make"}, detail=True)),
    path("packs/<uuid:pack_id>/files/<str:kind>/", Packs.as_view({"get": "download"}, detail=True)),
    path("packs/<uuid:pack_id>/actions/", Packs.as_view({"post": "act"}, detail=True)),
    path("rates/", Rates.as_view({"get": "list", "post": "enter"}, detail=False)),
    path("spend/plan/", Plans.as_view({"get": "read"}, detail=False)),
    path("budgets/", Budgets.as_view({"get": "list", "post": "add"}, detail=False)),
    path("forecast-rounds/", Rounds.as_view({"get": "list"}, detail=False)),
    path(
        "forecast-rounds/<uuid:round_id>/submissions/",
        Rounds.as_view({"post": "submit"}, detail=True),
    ),
    path("value/kpis/", Kpis.as_view({"get": "list"}, detail=False)),
    path("value/kpis/<uuid:kpi_id>/effect/", Effects.as_view({"get": "read"}, detail=True)),
    path("value/benefits/", Benefits.as_view({"get": "list"}, detail=False)),
    path(
        "value/benefits/<uuid:benefit_id>/dispositions/",
        Dispositions.as_view({"post": "set"}, detail=True),
    ),
    path("value/kpi-library/", KpiLibrary.as_view({"get": "list", "post": "adopt"}, detail=False)),
    path("value/benchmarks/", Benchmarks.as_view({"get": "list", "post": "set"}, detail=False)),
    path("value/chance/", Chances.as_view({"get": "read"}, detail=True)),
    path("value/simulations/", Simulations.as_view({"get": "list", "post": "ask"}, detail=False)),
    path(
        "value/simulations/<uuid:simulation_id>/", Simulations.as_view({"get": "read"}, detail=True)
    ),
    path("value/cases/<uuid:case_id>/sheet/", CaseSheets.as_view({"get": "read"}, detail=True)),
    path(
        "value/cases/<uuid:case_id>/workbook/",
        CaseSheets.as_view({"get": "workbook"}, detail=True),
    ),
    path("carbon/", Carbon.as_view({"get": "list"}, detail=False)),
    path("carbon/reports/", Carbon.as_view({"post": "report"}, detail=True)),
    path("carbon/estimates/", Carbon.as_view({"post": "estimate"}, detail=True)),
    path("carbon/intensities/", Intensities.as_view({"get": "list", "post": "set"}, detail=False)),
    path("value/bridge/", Bridges.as_view({"get": "read"}, detail=True)),
    path("value/cases/", Cases.as_view({"get": "list", "post": "write"}, detail=False)),
    path("value/cases/<uuid:case_id>/approve/", Cases.as_view({"post": "approve"}, detail=True)),
    path("value/returns/", ReturnsDoor.as_view({"get": "read"}, detail=True)),
    path(
        "passports/<str:figure>/<str:subject>/",
        Passports.as_view({"get": "read"}, detail=True),
    ),
    path("scenarios/", Scenarios.as_view({"get": "list", "post": "add"}, detail=False)),
    path("scenarios/<uuid:scenario_id>/", Scenarios.as_view({"get": "read"}, detail=True)),
    path(
        "scenarios/<uuid:scenario_id>/candidates/",
        Scenarios.as_view({"get": "candidates"}, detail=True),
    ),
    path("scenarios/<uuid:scenario_id>/solve/", Scenarios.as_view({"post": "solve"}, detail=True)),
    path(
        "scenarios/<uuid:scenario_id>/propose/",
        Scenarios.as_view({"post": "propose"}, detail=True),
    ),
    path(
        "scenarios/<uuid:scenario_id>/hand-over/",
        Scenarios.as_view({"post": "hand_over"}, detail=True),
    ),
    path("funding-proposals/", FundingProposals.as_view({"get": "list"}, detail=False)),
    path(
        "funding-proposals/<uuid:proposal_id>/take/",
        FundingProposals.as_view({"post": "take"}, detail=True),
    ),
    path("value/paid-hours/", PaidHours.as_view({"post": "set"}, detail=False)),
    path("gates/check", GateChecks.as_view({"get": "check"}, detail=True)),
    path("gates/key", GateChecks.as_view({"get": "key"}, detail=True)),
    path("gates/requests/", Gates.as_view({"get": "list", "post": "ask"}, detail=False)),
    path("gates/requests/<int:number>/", Gates.as_view({"get": "read"}, detail=True)),
    path(
        "gates/requests/<int:number>/evidence/",
        Gates.as_view({"post": "add_evidence"}, detail=True),
    ),
    path("gates/requests/<int:number>/submit/", Gates.as_view({"post": "submit"}, detail=True)),
    path("gates/requests/<int:number>/withdraw/", Gates.as_view({"post": "withdraw"}, detail=True)),
    path("gates/requests/<int:number>/decisions/", Gates.as_view({"post": "decide"}, detail=True)),
    path("gates/policies/", GatePolicies.as_view({"get": "list", "post": "write"}, detail=False)),
    path(
        "gates/policies/<uuid:policy_id>/activate/",
        GatePolicies.as_view({"post": "activate"}, detail=True),
    ),
    path("gates/modes/", GateModes.as_view({"get": "list"}, detail=True)),
    path("gates/replay/", GateModes.as_view({"get": "replay"}, detail=True)),
    path("gates/comparison/", GateModes.as_view({"get": "compare"}, detail=True)),
    path("notices/", Notices.as_view({"get": "list"}, detail=False)),
    path("notices/<uuid:notice_id>/", Notices.as_view({"patch": "mark"}, detail=True)),
    path("oversight/actions/", Actions.as_view({"get": "list", "post": "add"}, detail=False)),
    path(
        "oversight/actions/<uuid:action_id>/close/", Actions.as_view({"post": "close"}, detail=True)
    ),
    path("oversight/held/", Held.as_view({"get": "read", "post": "hand_over"}, detail=True)),
    path("oversight/queue/", Queues.as_view({"get": "list"}, detail=True)),
    path("frameworks/", Frameworks.as_view({"get": "list"}, detail=False)),
    path("frameworks/<slug:key>/", Frameworks.as_view({"get": "read"}, detail=True)),
    path("classifications/", Classifications.as_view({"get": "list", "post": "add"}, detail=False)),
    path(
        "classifications/<uuid:classification_id>/review/",
        ClassificationReviews.as_view({"post": "review"}, detail=True),
    ),
    path("assessments/", Assessments.as_view({"get": "list"}, detail=False)),
    path("assessments/begin/", AssessmentActs.as_view({"post": "begin"}, detail=True)),
    path(
        "assessments/<uuid:assessment_id>/",
        AssessmentActs.as_view({"get": "read", "patch": "answer"}, detail=True),
    ),
    *(
        path(
            f"assessments/<uuid:assessment_id>/{name}/",
            AssessmentActs.as_view({"post": verb}, detail=True),
        )
        for name, verb in (("evidence", "prove"), ("submit", "submit"), ("decide", "decide"))
    ),
    path("bias-audits/", BiasAudits.as_view({"get": "list", "post": "record"}, detail=False)),
    path("bias-audits/<uuid:audit_id>/", BiasAudits.as_view({"get": "read"}, detail=True)),
    path(
        "bias-audits/<uuid:audit_id>/withdraw/",
        BiasAudits.as_view({"post": "withdraw"}, detail=True),
    ),
    path(
        "bias-audits/<uuid:audit_id>/findings/",
        BiasAudits.as_view({"post": "follow_up"}, detail=True),
    ),
    path("controls/", AppliedControls.as_view({"get": "list", "post": "apply"}, detail=False)),
    path(
        "controls/<uuid:control_id>/tests/", AppliedControls.as_view({"post": "test"}, detail=True)
    ),
    path("policies/", PolicyDocuments.as_view({"get": "list", "post": "add"}, detail=False)),
    path("policies/campaigns/", Campaigns.as_view({"get": "list", "post": "begin"}, detail=False)),
    path(
        "policies/campaigns/<uuid:campaign_id>/attest/",
        Campaigns.as_view({"post": "attest"}, detail=True),
    ),
    path(
        "policies/exceptions/",
        PolicyExceptions.as_view({"get": "list", "post": "ask"}, detail=False),
    ),
    path(
        "policies/exceptions/<uuid:exception_id>/decide/",
        PolicyExceptions.as_view({"post": "decide"}, detail=True),
    ),
    path(
        "policies/<slug:key>/",
        PolicyDocuments.as_view({"get": "read", "post": "write", "patch": "change"}, detail=True),
    ),
    path(
        "policies/<slug:key>/versions/<int:number>/",
        PolicyDocuments.as_view({"post": "step"}, detail=True),
    ),
    path("gaps/", Gaps.as_view({"get": "list"}, detail=False)),
    path("regulatory-inventory/", RegulatoryInventory.as_view({"get": "list"}, detail=False)),
    path("bills/", Bills.as_view({"get": "list", "post": "take"}, detail=False)),
    path("bills/<uuid:bill_id>/", Bills.as_view({"get": "read"}, detail=True)),
    path("risks/", Risks.as_view({"get": "list"}, detail=False)),
    path("risks/<uuid:risk_id>/score/", Risks.as_view({"get": "score"}, detail=True)),
    path("risks/<uuid:risk_id>/assess/", Risks.as_view({"post": "assess"}, detail=True)),
    path("signals/", Signals.as_view({"post": "raise_it"}, detail=False)),
    path("incidents/", Incidents.as_view({"get": "list", "post": "report"}, detail=False)),
    path("series/", SeriesDoor.as_view({"get": "list"}, detail=False)),
    path("readings/", Readings.as_view({"post": "push"}, detail=False)),
    path("sources/", Sources.as_view({"get": "list"}, detail=False)),
    path("connections/", Connections.as_view({"get": "list", "post": "add"}, detail=False)),
    path(
        "connections/<uuid:connection_id>/",
        Connections.as_view({"get": "read", "patch": "edit"}, detail=True),
    ),
    *(
        path(
            f"connections/<uuid:connection_id>/{verb}/",
            Connections.as_view({"post": verb}, detail=True),
        )
        for verb in ("test", "run", "rehearse", "backfill", "pause", "resume")
    ),
    path("connections/<uuid:connection_id>/runs/", Runs.as_view({"get": "list"}, detail=False)),
    path(
        "connections/<uuid:connection_id>/runs/<uuid:run_id>/",
        Runs.as_view({"get": "read"}, detail=True),
    ),
    path(
        "connections/<uuid:connection_id>/runs/<uuid:run_id>/accept/",
        Runs.as_view({"post": "accept"}, detail=True),
    ),
    path("waiting/", Strays.as_view({"get": "list"}, detail=False)),
    path("waiting/<uuid:stray_id>/", Strays.as_view({"post": "settle"}, detail=True)),
    path("mapping-rules/", MappingRules.as_view({"get": "list", "post": "add"}, detail=False)),
    path("mapping-rules/<uuid:rule_id>/move/", MappingRules.as_view({"post": "move"}, detail=True)),
    path("mapping-rules/<uuid:rule_id>/end/", MappingRules.as_view({"post": "end"}, detail=True)),
    path("seats/", SeatsDoor.as_view({"get": "list"}, detail=False)),
    path("metrics/", Metrics.as_view({"post": "push"}, detail=False)),
    path("events/", CloudEvents.as_view({"post": "push"}, detail=False)),
    path("lineage", Lineage.as_view({"post": "push"}, detail=False)),
    path("lineage/batch", Lineage.as_view({"post": "push_batch"}, detail=False)),
    path("jobs/", Jobs.as_view({"get": "list"}, detail=False)),
    path("jobs/<uuid:job_id>/", Jobs.as_view({"get": "read"}, detail=True)),
    path("jobs/<uuid:job_id>/cancel/", Jobs.as_view({"post": "cancel"}, detail=True)),
    path("jobs/<uuid:job_id>/retry/", Jobs.as_view({"post": "retry"}, detail=True)),
    path("units/", Units.as_view({"get": "list"}, detail=False)),
]
