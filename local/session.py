"""Shell variables for calling the API by hand."""

import shlex

from local import login
from local.home import Home


def exports(home: Home) -> str:
    """Lines for `eval`: the API, a machine's token, and the embedded AWS."""
    api = login.machine_api(home)
    variables = {
        "API": login.read(home)["api_url"],
        "TOKEN": api.token(),
        "AWS_ENDPOINT_URL": login.read(home)["endpoint_url"],
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",  # nosec B105: the embedded AWS's root key
        "AWS_DEFAULT_REGION": login.read(home)["region"],
    }
    return "\n".join(f"export {name}={shlex.quote(str(text))}" for name, text in variables.items())
