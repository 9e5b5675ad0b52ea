"""How large dashboards may be, and how many there may be."""

COLUMNS = 12
"""The grid's width; rows of 80 pixels follow each other without end."""

MAX_ROWS = 1_000
MAX_HEIGHT = 50
MAX_PANELS = 60
MAX_QUERIES = 10
MAX_VARIABLES = 10
MAX_DEFAULTS = 100
MAX_THRESHOLDS = 10
MAX_LABELS = 30

MAX_LINE = 200
MAX_DESCRIPTION = 2_000
MAX_TEXT = 10_000

MIN_LAST_S = 60

MAX_BYTES = 300 * 1024
"""Of a dashboard as JSON: an item of the table has at most 400 KB, and keys and names need room."""

MAX_DASHBOARDS = 500
"""Of a tenant: a list reads what it shows of all of them."""

MAX_VERSIONS = 50
"""Of a dashboard: older ones are removed as newer ones come."""

KEEP_DELETED_S = 90 * 86_400
"""So long a dashboard that was deleted can be restored."""
