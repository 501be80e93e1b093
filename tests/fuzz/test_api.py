"""Many made-up requests to every address of the API: it never breaks and answers as it says."""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.portfolio.api.test_conformance import kept_open, schema, token  # noqa: F401

pytestmark = [pytest.mark.fuzz, pytest.mark.django_db, pytest.mark.timeout(3600)]


@schema.include(path_regex=r"^/api/v1/").parametrize()
@settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "500")) // 5,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_as_the_document_says(case: Any, token: dict[str, str]) -> None:  # noqa: F811
    case.call_and_validate(headers=token, excluded_checks=[positive_data_acceptance])
