"""AppConfig: who may read a configuration.

Permissions
    AWS asks whether a caller may read the one configuration that a session is for. MiniStack does
    not know what is asked for, as these requests are signed for another service, and lets everybody
    read. Here they are asked for the actions that AWS asks for, on what AWS says a configuration
    is: application, environment and profile.
"""

# MiniStack has no extension points: what it lacks is added at its private functions.
# pylint: disable=protected-access

import json
from collections.abc import Mapping
from typing import Any

from ministack.core import iam_actions
from ministack.services import appconfig

_ACTIONS = {
    "/configurationsessions": "appconfig:StartConfigurationSession",
    "/configuration": "appconfig:GetLatestConfiguration",
}
_SERVICES = ("appconfig", "appconfigdata")

_extract_iam_action = iam_actions.extract_iam_action
_extract_resource_arn = iam_actions.extract_resource_arn


def _action(service: str, method: str, path: str, *request: Any) -> str | None:
    """What a request needs a permission for."""
    if service in _SERVICES and path in _ACTIONS:
        return _ACTIONS[path]
    found: str | None = _extract_iam_action(service, method, path, *request)
    return found


def _resource(
    service: str,
    method: str,
    path: str,
    headers: Any,
    body: bytes,
    query: Mapping[str, Any],
    region: str,
    account: str,
) -> str:
    """What a request is about, as policies name it."""
    if service not in _SERVICES or path not in _ACTIONS:
        found: str = _extract_resource_arn(
            service, method, path, headers, body, query, region, account
        )
        return found
    session = _session(path, body, query)
    application = appconfig._resolve_application_id(session.get("ApplicationIdentifier", ""))
    if application is None:
        return "*"
    environment = appconfig._resolve_environment_id(
        application, session.get("EnvironmentIdentifier", "")
    )
    profile = appconfig._resolve_configuration_profile_id(
        application, session.get("ConfigurationProfileIdentifier", "")
    )
    place = f"application/{application}/environment/{environment}/configuration/{profile}"
    return f"arn:aws:appconfig:{region}:{account}:{place}"


def _session(path: str, body: bytes, query: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a session is for, whether it begins or goes on."""
    if path == "/configurationsessions":
        try:
            said = json.loads(body or b"{}")
        except ValueError:
            return {}
        return said if isinstance(said, dict) else {}
    token = query.get("configuration_token", "")
    known = appconfig._sessions.get(token[0] if isinstance(token, list) else token)
    return known or {}


def apply() -> None:
    """Ask for permissions on single configurations."""
    iam_actions.extract_iam_action = _action
    iam_actions.extract_resource_arn = _resource
