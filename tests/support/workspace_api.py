"""The workspace function, whole, on a table in memory."""

from skafu.shared.settings import WorkspaceSettings
from tests.support.claims import POOL

SETTINGS = WorkspaceSettings(
    table_name="t",
    environment="local",
    cors_origin="https://skafu.example",
    user_pool_id=POOL,
    token_url="https://skafu.example/oauth2/token",
)
