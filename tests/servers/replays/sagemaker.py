"""SageMaker's model registry calls, as its API reference describes them."""

import json
from typing import Any

from tests.servers.scenario import SECRET, Scenario
from tests.servers.scripted import Call, Reply

AT = 1795302604.714


class ModelRegistry(Scenario):
    plugin = "sagemaker"
    proof = "AWS4-HMAC-SHA256"

    def settings(self) -> dict[str, Any]:
        return {"access_key_id": SECRET, "secret_access_key": SECRET, "endpoint": self.url}

    def answer(self, call: Call) -> Reply:
        asked = json.loads(call.body)
        operation = call.headers["x-amz-target"].removeprefix("SageMaker.")
        if operation == "ListTags":
            rows: list[Any] = [{"Key": "initiative", "Value": "AI-7"}]
            key = "Tags"
        elif operation == "ListModelPackageGroups":
            key = "ModelPackageGroupSummaryList"
            rows = [
                {
                    "ModelPackageGroupName": name,
                    "ModelPackageGroupArn": f"arn:group/{name}",
                    "CreationTime": AT,
                }
                for name in self.held.models
            ]
        else:
            assert asked["ModelPackageType"] == "Versioned"
            key = "ModelPackageSummaryList"
            rows = [
                {
                    "ModelPackageGroupName": name,
                    "ModelPackageVersion": int(number),
                    "ModelPackageArn": f"arn:package/{name}/{number}",
                    "ModelPackageStatus": "Completed",
                    "ModelApprovalStatus": "Approved",
                    "CreationTime": AT,
                }
                for name, versions in self.held.models.items()
                for number in versions
            ]
        page, token = self.paged(rows, asked.get("NextToken"))
        return Reply.of(
            {key: page, **({"NextToken": token} if token else {})},
            content_type="application/x-amz-json-1.1",
        )
