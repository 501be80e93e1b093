"""Where the register and the panels of risk are."""

from django.urls import path

from portfolio.web.risk import incidents, register, treating
from portfolio.web.risk import initiative as one

_ONE = "initiatives/<slug:key>/risk/"

urlpatterns = [
    path("risk/", register.register, name="risk"),
    path("risk/incidents/", incidents.listed, name="incidents"),
    path("risk/incidents/<int:number>/", incidents.incident, name="incident"),
    path(_ONE, one.panel, name="initiative-risk"),
    path(f"{_ONE}add/", one.add, name="risk-add"),
    path(f"{_ONE}<uuid:risk_id>/assess/", one.assess, name="risk-assess"),
    path(f"{_ONE}<uuid:risk_id>/close/", one.close, name="risk-close"),
    path(f"{_ONE}<uuid:risk_id>/controls/", one.control_add, name="control-add"),
    path(f"{_ONE}controls/<uuid:control_id>/evidence/", one.evidence, name="control-evidence"),
    path(f"{_ONE}treating/", treating.treat, name="risk-treat"),
    path(f"{_ONE}acceptances/<uuid:acceptance_id>/", treating.accept, name="risk-accept"),
    path(f"{_ONE}signals/", one.signal_raise, name="signal-raise"),
    path(f"{_ONE}signals/<uuid:signal_id>/clear/", one.signal_clear, name="signal-clear"),
]
