"""Plain values as YAML that people like to read, and that `reading` reads back as they were."""

from functools import cache
from typing import Any

from skafu.alerts.code.reading import plain


def write(document: Any) -> str:
    """The document as YAML, in the order that its objects have."""
    # pylint: disable-next=import-outside-toplevel # only this route pays for it
    import yaml

    text: str = yaml.dump(
        document, Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=100
    )
    return text


@cache
def _dumper() -> Any:
    # pylint: disable-next=import-outside-toplevel # only this route pays for it
    import yaml

    base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

    class Dumper(base):  # type: ignore[misc] # the base is chosen above
        """Writes numbers as short as they are, and texts so that they stay texts."""

        def ignore_aliases(self, data: Any) -> bool:
            """Values that occur twice are written twice."""
            return True

        def text(self, data: str) -> Any:
            """Lines as lines; quotes where a word alone would mean something else."""
            style = "|" if "\n" in data else None if plain(data) == data else "'"
            return self.represent_scalar("tag:yaml.org,2002:str", data, style=style)

        def number(self, data: float) -> Any:
            """5.0 is 5: alerts' numbers are doubles either way."""
            if data.is_integer() and abs(data) < 1e15:
                return self.represent_int(int(data))
            return self.represent_float(data)

    Dumper.add_representer(str, Dumper.text)
    Dumper.add_representer(float, Dumper.number)
    return Dumper
