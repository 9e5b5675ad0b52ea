"""Whether the console is served as it should be, and belongs to this environment."""

import json
import re
from collections.abc import Mapping
from functools import partial

from skafu.canary.checks import Check, Failed
from skafu.ops.smoke.reaching import Fetch, patient

ASSET = re.compile(r'src="(/assets/[^"]+\.js)"')
HEADERS = {
    "content-security-policy": "default-src 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
}
"""What a page's headers have to say (template.yaml, ConsoleHeaders), or begin with."""

SECURE = {"strict-transport-security": "max-age="}
"""And besides, where it is served over TLS."""


def checks_of(outputs: Mapping[str, str], environment: str, fetch: Fetch) -> tuple[Check, ...]:
    """All checks of the console."""
    url = outputs["ConsoleUrl"].rstrip("/")
    return (
        Check("console.page", partial(_page, url, fetch)),
        Check("console.config", partial(_config, url, outputs, environment, fetch)),
    )


def _page(url: str, fetch: Fetch) -> str:
    """The page, its headers, and the program that it begins with."""
    page, headers = _get(f"{url}/", fetch)
    wanted = HEADERS | (SECURE if url.startswith("https:") else {})
    wrong = [
        name for name, begins in wanted.items() if not headers.get(name, "").startswith(begins)
    ]
    if wrong:
        raise Failed(f"headers that are missing, or say something else: {', '.join(wrong)}")
    programs = ASSET.findall(page)
    if not programs:
        raise Failed("the page is none of the console's: it begins with no program")
    _get(url + programs[0], fetch)
    return f"{programs[0]}, {len(wanted)} security headers"


def _config(url: str, outputs: Mapping[str, str], environment: str, fetch: Fetch) -> str:
    """What the page is told: this environment, and its own user pool."""
    said = json.loads(_get(f"{url}/config.json", fetch)[0])
    found = said["environment"], said["user_pool_id"], said["user_pool_client_id"]
    wanted = environment, outputs["UserPoolId"], outputs["UserPoolClientId"]
    if found != wanted:
        raise Failed(f"config.json names {found} instead of {wanted}")
    return f"{environment}, console {said['version']}"


def _get(url: str, fetch: Fetch) -> tuple[str, Mapping[str, str]]:
    answer = patient(fetch, url, ("GET", None, {"Accept": "*/*"}))
    if answer.status != 200:
        raise Failed(f"GET {url}: {answer.status}")
    return answer.body.decode(), answer.headers
