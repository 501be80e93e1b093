"""Where the pages of compliance are."""

from django.urls import path

from portfolio.web.compliance import assessing, bias, classifying, coverage, policies, registers
from portfolio.web.compliance import initiative as one

_ONE = "initiatives/<slug:key>/compliance/"

urlpatterns = [
    path("compliance/", coverage.overview, name="compliance"),
    path("compliance/frameworks/import/", coverage.take, name="framework-import"),
    path("compliance/frameworks/<slug:key>/", coverage.framework, name="framework"),
    path("compliance/inventory/", registers.inventory, name="regulatory-inventory"),
    path("compliance/third-parties/", registers.third_parties, name="third-parties"),
    path("compliance/policies/", policies.listed, name="policies"),
    path("compliance/policies/<slug:key>/", policies.document, name="policy"),
    path(_ONE, one.page_of, name="initiative-compliance"),
    path(f"{_ONE}bias/", bias.audits, name="bias-audits"),
    path(f"{_ONE}classify/<slug:scheme>/", classifying.classify, name="classify"),
    path(f"{_ONE}assessments/<uuid:assessment_id>/", assessing.assessment, name="assessment"),
]
