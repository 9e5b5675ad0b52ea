"""The garbage collector rests while a function loads. Import this before anything else, and call
`over` when everything is there.

Loading makes many objects and drops hardly any, but every few thousand new ones make the collector
look at all of them again: about a sixth of a cold start's CPU. Afterwards it need never look at
them again, because they live as long as the function.
"""

import gc

gc.disable()


def over() -> None:
    """What has been loaded is here to stay; what comes now is collected as ever."""
    gc.freeze()
    gc.enable()
