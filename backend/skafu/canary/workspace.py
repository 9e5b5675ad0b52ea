"""Whether the workspace knows who calls, and says who it is itself."""

from functools import partial
from http import HTTPStatus

from skafu.canary.calls import Call, asked
from skafu.canary.checks import Check, Failed
from skafu.canary.reserved import TENANT
from skafu.canary.scene import Scene, refuse


def health_of(scene: Scene, version: str | None = None) -> Check:
    """Whether the API answers, as the environment and, if one is wanted, in the version that it
    should.
    """
    return Check("health", partial(_health, scene, version))


def checks_of(scene: Scene) -> tuple[Check, ...]:
    """All checks of the workspace but health."""
    return (
        Check("workspace.me", partial(_me, scene)),
        Check("workspace.dashboards", partial(_dashboards, scene)),
        Check("workspace.refusals", partial(_refusals, scene)),
    )


def _health(scene: Scene, version: str | None) -> str:
    said = asked(scene.api, Call("GET", "/api/health"))
    if (said["status"], said["environment"]) != ("ok", scene.environment):
        raise Failed(f"{said['status']} in {said['environment']} instead of {scene.environment}")
    if version not in (None, said["version"]):
        raise Failed(f"version {said['version']} answers instead of {version}")
    return f"version {said['version']} in {said['environment']}"


def _me(scene: Scene) -> str:
    said = asked(scene.api, Call("GET", "/api/me"))
    found = said["tenant"], said["role"], said["kind"]
    if found != (TENANT, "editor", "machine"):
        raise Failed(f"the caller is taken for {said['kind']}, {said['role']} of {said['tenant']}")
    return f"editor of {TENANT}"


def _dashboards(scene: Scene) -> str:
    said = asked(scene.api, Call("GET", "/api/dashboards"))
    return f"{len(said['dashboards'])} dashboards"


def _refusals(scene: Scene) -> str:
    told = refuse(scene, Call("GET", "/api/me"), Call("GET", "/api/dashboards"))
    # An editor is no admin: whoever gets in may not do everything.
    asked(scene.api, Call("GET", "/api/audit"), HTTPStatus.FORBIDDEN)
    asked(scene.api, Call("POST", "/api/dashboards", {}), HTTPStatus.UNPROCESSABLE_ENTITY)
    return f"{told}; what is an admin's to an editor"
