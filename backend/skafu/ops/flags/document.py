"""From settings to the document that AppConfig hands out, and back.

It is what Powertools' feature flags understand: a default and rules for each flag. Rules look at
what shared/flags_appconfig.py tells of a caller: the tenant's id, and its share.
"""

import json
from collections.abc import Mapping
from typing import Any

from skafu.ops.artefact.sources import Refused
from skafu.ops.flags.settings import MOST_TENANTS, Setting, Settings, parsed
from skafu.shared.flag_catalogue import KNOWN, SHARE, SHARES, TENANT, Flag, Number

type Json = dict[str, Any]


def compiled(settings: Settings) -> str:
    """The document of some settings, as text."""
    return json.dumps({name: _feature(setting) for name, setting in settings.items()}, indent=2)


def _feature(setting: Setting) -> Json:
    if isinstance(setting, bool):
        return {"default": setting}
    if isinstance(setting, int):
        return {"default": setting, "boolean_type": False}
    # The first rule that matches decides.
    rules: Json = {}
    if setting.never:
        rules["never"] = _rule(False, "KEY_IN_VALUE", TENANT, list(setting.never))
    if setting.always:
        rules["always"] = _rule(True, "KEY_IN_VALUE", TENANT, list(setting.always))
    if percent := setting.percent_of_tenants:
        among = {"BASE": SHARES, "START": 0, "END": percent - 1}
        rules["share"] = _rule(True, "MODULO_RANGE", SHARE, among)
    return {"default": False, "rules": rules}


def _rule(matched: bool, action: str, key: str, value: Any) -> Json:
    return {
        "when_match": matched,
        "conditions": [{"action": action, "key": key, "value": value}],
    }


def settings_of(document: str) -> Settings:
    """The settings that make a document. Raises Refused when none do: it was written by somebody
    else.
    """
    try:
        found = json.loads(document)
        settings = parsed(json.dumps({name: _said(each) for name, each in found.items()}))
    except (ValueError, KeyError, TypeError, AttributeError, Refused) as error:
        raise Refused("What is deployed was not made from a file of flags.") from error
    if json.loads(compiled(settings)) != found:
        raise Refused("What is deployed was not made from a file of flags.")
    return settings


def _said(feature: Json) -> Any:
    rules = feature.get("rules")
    if rules is None:
        return feature["default"]
    said: Json = {name: _value(rules, name) for name in ("always", "never") if name in rules}
    if "share" in rules:
        said["percent_of_tenants"] = _value(rules, "share")["END"] + 1
    return said


def _value(rules: Mapping[str, Any], name: str) -> Any:
    return rules[name]["conditions"][0]["value"]


# --- what AppConfig accepts -----------------------------------------------------------------------


def schema() -> Json:
    """A JSON schema of documents, for whoever writes one by hand in AWS's console; AppConfig knows
    draft 4.
    """
    return {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "type": "object",
        "additionalProperties": False,
        "properties": {flag.name: _schema_of(flag) for flag in KNOWN},
        "definitions": {
            "switch": _object(
                {
                    "default": {"type": "boolean"},
                    "rules": _object(
                        {
                            "never": _schema_of_rule(False, "KEY_IN_VALUE", TENANT, _TENANTS),
                            "always": _schema_of_rule(True, "KEY_IN_VALUE", TENANT, _TENANTS),
                            "share": _schema_of_rule(True, "MODULO_RANGE", SHARE, _AMONG),
                        }
                    ),
                },
                "default",
            )
        },
    }


def _schema_of(flag: Flag) -> Json:
    if not isinstance(flag, Number):
        return {"$ref": "#/definitions/switch"}
    number = {
        "type": "integer",
        "minimum": flag.least,
        "maximum": flag.most,
        "multipleOf": flag.step,
    }
    return _object(
        {"default": number, "boolean_type": {"enum": [False]}}, "default", "boolean_type"
    )


def _schema_of_rule(matched: bool, action: str, key: str, value: Json) -> Json:
    condition = _object(
        {"action": {"enum": [action]}, "key": {"enum": [key]}, "value": value},
        *("action", "key", "value"),
    )
    conditions = {"type": "array", "minItems": 1, "maxItems": 1, "items": condition}
    return _object(
        {"when_match": {"enum": [matched]}, "conditions": conditions}, "when_match", "conditions"
    )


def _object(properties: Json, *required: str) -> Json:
    found: Json = {"type": "object", "additionalProperties": False, "properties": properties}
    return found | ({"required": list(required)} if required else {"minProperties": 1})


_TENANTS: Json = {"type": "array", "maxItems": MOST_TENANTS, "items": {"type": "string"}}
_AMONG: Json = _object(
    {
        "BASE": {"enum": [SHARES]},
        "START": {"enum": [0]},
        "END": {"type": "integer", "minimum": 0, "maximum": SHARES - 1},
    },
    *("BASE", "START", "END"),
)
