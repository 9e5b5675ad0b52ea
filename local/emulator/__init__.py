"""MiniStack, started with its gaps closed.

MiniStack's engines are good; what CloudFormation tells them gets lost on the way. Each module here
closes gaps of one service and says for each: what AWS does, what MiniStack does, why it matters to
Skafu. It reaches into private names, so MiniStack is pinned exactly (requirements/ministack.in) and
tests/integration notices when a place has moved.

Runs on the interpreter of .local/tools/ministack, never on the one of the tests: `python -m
local.emulator`.
"""
