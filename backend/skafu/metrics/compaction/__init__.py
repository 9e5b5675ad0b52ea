"""Compaction: segments become chunks, chunks become days and rollups, late items generations.

DESIGN 3 has the rules. Every step may be cut off anywhere, run twice or beside another one: what
counts is the manifest that is stored, and nothing is deleted that a stored manifest does not name.
"""

from skafu.metrics.compaction.compactor import Compactor, Report

__all__ = ["Compactor", "Report"]
