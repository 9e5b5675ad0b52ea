"""Quotas that are not about points, and that more than one domain knows by name."""

MACHINE_CLIENTS = 20
"""So many machine clients a tenant may have: a pool has a thousand, and each costs money."""
