"""Backups of the table, and the way back from one: delivery/recovery.yaml says how fast."""
