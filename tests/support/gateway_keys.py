"""API Gateway's keys and usage plans in memory, as far as skafu.ops.api_keys calls them. Parameters
are checked against AWS's own model of the service.
"""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.exceptions import ClientError, ParamValidationError
from botocore.validate import ParamValidator

MODEL = botocore.session.Session().get_service_model("apigateway")
# pylint: disable-next=not-an-iterable # a property that is worked out once
OPERATIONS = {xform_name(name): name for name in MODEL.operation_names}
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


class GatewayKeys:
    """The client. `plans` are the ids of the usage plans that there are."""

    def __init__(self, *plans: str) -> None:
        self.keys: dict[str, dict[str, Any]] = {}
        self._numbers = itertools.count(1)
        self.planned: dict[str, list[str]] = {plan: [] for plan in plans}

    def create_api_key(self, **parameters: Any) -> dict[str, Any]:
        _check("create_api_key", parameters)
        number = next(self._numbers)
        made = {
            "id": f"key{number}",
            "value": f"value-of-{number}",
            "createdDate": BEGINNING + timedelta(days=number),
            **parameters,
        }
        self.keys[made["id"]] = made
        return made

    def create_usage_plan_key(self, **parameters: Any) -> dict[str, Any]:
        _check("create_usage_plan_key", parameters)
        self._plan("CreateUsagePlanKey", parameters["usagePlanId"]).append(parameters["keyId"])
        return {"id": parameters["keyId"]}

    def delete_api_key(self, **parameters: Any) -> None:
        _check("delete_api_key", parameters)
        if parameters["apiKey"] not in self.keys:
            raise ClientError({"Error": {"Code": "NotFoundException"}}, "DeleteApiKey")
        del self.keys[parameters["apiKey"]]
        for members in self.planned.values():
            if parameters["apiKey"] in members:
                members.remove(parameters["apiKey"])

    def get_paginator(self, name: str) -> "Pages":
        return Pages(self, name)

    def pages(self, name: str, parameters: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """One item on each page: whoever reads the first page alone misses the others."""
        _check(name, parameters)
        if name == "get_api_keys":
            beginning = parameters.get("nameQuery", "")
            found = [each for each in self.keys.values() if each["name"].startswith(beginning)]
        else:
            members = self._plan("GetUsagePlanKeys", parameters["usagePlanId"])
            found = [self.keys[each] for each in members]
        for each in found:
            yield {"items": [{key: each[key] for key in each if key != "value"}]}

    def _plan(self, operation: str, plan: str) -> list[str]:
        if plan not in self.planned:
            raise ClientError({"Error": {"Code": "NotFoundException"}}, operation)
        return self.planned[plan]


class Pages:
    """A paginator."""

    def __init__(self, keys: GatewayKeys, name: str) -> None:
        self._keys = keys
        self._name = name

    def paginate(self, **parameters: Any) -> Iterator[dict[str, Any]]:
        return self._keys.pages(self._name, parameters)


def _check(name: str, parameters: dict[str, Any]) -> None:
    shape = MODEL.operation_model(OPERATIONS[name]).input_shape
    assert shape is not None
    report = ParamValidator().validate(parameters, shape)
    if report.has_errors():
        raise ParamValidationError(report=report.generate_report())
