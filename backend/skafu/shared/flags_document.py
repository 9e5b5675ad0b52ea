"""Powertools' feature flags, in two halves: reading a document, and asking it.

Powertools reads and asks at once, and has the default wherever reading fails; kept apart, a
document that has been read outlives AppConfig's absence. Importing this imports boto3, because
Powertools does: flags_appconfig.py does it when the first flag is asked for.
"""

from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools.utilities.feature_flags import (
    AppConfigStore,
    ConfigurationStoreError,
    FeatureFlags,
    StoreProvider,
)
from aws_lambda_powertools.utilities.feature_flags.exceptions import (
    SchemaValidationError,
    StoreClientError,
)

_REASON_LENGTH = 300


class Unreadable(Exception):
    """There is no document now, or none that Powertools understands; the text says why."""


class _Kept(StoreProvider):
    """A store that has one document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document

    @property
    def get_raw_configuration(self) -> dict[str, Any]:
        """The document."""
        return self._document

    def get_configuration(self) -> dict[str, Any]:
        """The document."""
        return self._document


class Document:
    """What was read, understood by Powertools."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._features = FeatureFlags(_Kept(document))

    def value(self, name: str, context: Mapping[str, object], default: int) -> Any:
        """What it says of a flag to somebody; `default` when it does not mention the flag."""
        return self._features.evaluate(name=name, context=dict(context), default=default)


class Source:
    """Reads the document of one configuration; `make` makes a client of appconfigdata."""

    def __init__(
        self, application: str, environment: str, profile: str, make: Callable[[], Any]
    ) -> None:
        self._application = application
        self._environment = environment
        self._profile = profile
        self._make = make
        self._features: FeatureFlags | None = None

    def read(self) -> Document:
        """What AppConfig hands out now. Raises Unreadable."""
        features = self._features or self._begin()
        # A token is good for one call and for a day: after a failure begin anew (with a new client,
        # because Powertools registers something with each that it is given).
        self._features = None
        try:
            found: object = features.get_configuration()
        except (ConfigurationStoreError, StoreClientError, SchemaValidationError) as error:
            raise Unreadable(str(error.__cause__ or error)[:_REASON_LENGTH]) from error
        if not isinstance(found, dict):
            # Powertools takes the first null for what it has looked at already.
            raise Unreadable("the document is no object")
        self._features = features
        return Document(found)

    def _begin(self) -> FeatureFlags:
        store = AppConfigStore(
            environment=self._environment,
            application=self._application,
            name=self._profile,
            max_age=0,  # whoever reads decides how often
            boto3_client=self._make(),
        )
        return FeatureFlags(store)
