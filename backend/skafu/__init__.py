"""Skafu: metrics and alerts that a team runs in its own AWS accounts."""

__version__ = "0.1.0"
