"""The console in a real browser, on a deployed stack of its own: `python -m tests.console`.

What is tested stands in frontend/e2e; this is the stage.
"""
