"""What holds for all tests."""

from hypothesis import settings

# A machine may be slow for a moment; work is asserted in counts, never in milliseconds.
settings.register_profile("skafu", deadline=None)
settings.load_profile("skafu")
