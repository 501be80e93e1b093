"""Where the pages of governance are."""

from django.urls import path

from portfolio.web.governance import (
    board,
    duties,
    emergencies,
    home,
    modes,
    policies,
    requests,
    writing,
)

urlpatterns = [
    path("governance/", home.home, name="governance"),
    path("governance/actions/<uuid:action_id>/close/", home.close_action, name="action-close"),
    path("governance/requests/", requests.listed, name="gate-requests"),
    path("governance/requests/ask/", requests.ask, name="gate-ask"),
    path("governance/requests/<int:number>/", requests.decision, name="gate-request"),
    path("governance/requests/<int:number>/do/", requests.act, name="gate-act"),
    path("governance/policies/", policies.listed, name="gate-policies"),
    path("governance/policies/write/", writing.write, name="gate-policy-write"),
    path("governance/policies/try/", writing.tried, name="gate-policy-try"),
    path("governance/policies/<uuid:policy_id>/", policies.one, name="gate-policy"),
    path("governance/policies/<uuid:policy_id>/do/", policies.act, name="gate-policy-act"),
    path("governance/modes/", modes.listed, name="gate-modes"),
    path("governance/modes/<uuid:node_id>/", modes.one, name="gate-mode"),
    path("governance/modes/<uuid:node_id>/choose/", modes.choose, name="gate-mode-choose"),
    path("governance/board/", board.listed, name="gate-board"),
    path("governance/board/<uuid:meeting_id>/", board.one, name="gate-meeting"),
    path("governance/emergencies/", emergencies.listed, name="gate-emergencies"),
    path("governance/emergencies/break/", emergencies.break_glass, name="gate-emergency-break"),
    path("governance/emergencies/<uuid:glass_id>/", emergencies.act, name="gate-emergency-act"),
    path("governance/duties/", duties.mine, name="gate-duties"),
    path("governance/duties/delegate/", duties.delegate, name="gate-delegate"),
    path(
        "governance/duties/delegations/<uuid:delegation_id>/end/",
        duties.end_delegation,
        name="gate-delegation-end",
    ),
    path("governance/duties/training/", duties.train, name="gate-training"),
    path("governance/duties/hand-over/", duties.hand_over, name="gate-hand-over"),
    path("initiatives/<slug:key>/gates/", requests.of_initiative, name="initiative-gates"),
    path("initiatives/<slug:key>/gates/act/", home.add_action, name="action-add"),
]
