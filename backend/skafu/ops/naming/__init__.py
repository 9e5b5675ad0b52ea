"""Names: which environment is found under which, and who writes that down (docs/names.md)."""
