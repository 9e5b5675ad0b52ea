"""The embedded AWS: Skafu's real template, deployed by the real SAM CLI, on one machine without an
account.
"""
