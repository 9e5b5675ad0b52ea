"""A night on call, played on the running system: real recordings, real pages, in three minutes."""
