"""The scans of `make security` (docs/security-checks.md)."""
