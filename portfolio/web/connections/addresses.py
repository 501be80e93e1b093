"""Where the pages of connections are."""

from django.urls import path

from portfolio.web.connections import guide, pages, pushed, runs, seats, triage

_ONE = "connections/<uuid:connection_id>/"
_WAITING = "connections/waiting/"

urlpatterns = [
    path("connections/", pages.connections, name="connections"),
    path("connections/add/<slug:plugin>/", pages.add, name="connection-add"),
    path("connections/try/<slug:plugin>/", pages.try_settings, name="connection-try"),
    path("connections/sources/<slug:plugin>/", guide.guide, name="source-guide"),
    path("connections/seats/", seats.seats, name="connections-seats"),
    path("connections/inbound/", pushed.inbound, name="connections-inbound"),
    path("connections/inbound/<uuid:token_id>/", pushed.token, name="inbound-token"),
    path("connections/inbound/<uuid:token_id>/revoke/", pushed.revoke, name="inbound-revoke"),
    path(_WAITING, triage.waiting, name="connections-waiting"),
    path(f"{_WAITING}models/", triage.claim, name="waiting-claim"),
    path(f"{_WAITING}models/<uuid:model_id>/", triage.model_aside, name="waiting-model-aside"),
    path(f"{_WAITING}<uuid:stray_id>/place/", triage.place, name="waiting-place"),
    path(f"{_WAITING}<uuid:stray_id>/aside/", triage.aside, name="waiting-aside"),
    path(f"{_WAITING}<uuid:stray_id>/ask/", triage.ask, name="waiting-ask"),
    path("connections/rules/", triage.add_rule, name="mapping-rule-add"),
    path("connections/rules/<uuid:rule_id>/move/", triage.move_rule, name="mapping-rule-move"),
    path("connections/rules/<uuid:rule_id>/end/", triage.end_rule, name="mapping-rule-end"),
    path(_ONE, pages.connection, name="connection"),
    path(f"{_ONE}edit/", pages.edit, name="connection-edit"),
    path(f"{_ONE}run/", runs.run, name="connection-run"),
    path(f"{_ONE}rehearse/", runs.rehearse, name="connection-rehearse"),
    path(f"{_ONE}backfill/", runs.backfill, name="connection-backfill"),
    path(f"{_ONE}runs/<uuid:run_id>/", runs.one_run, name="connection-one-run"),
    path(f"{_ONE}runs/<uuid:run_id>/accept/", runs.accept, name="connection-accept"),
    path(f"{_ONE}test/", pages.test, name="connection-test"),
    path(f"{_ONE}<slug:verb>/", pages.change, name="connection-change"),
]
