"""Properties with a few examples in `make test`, and with many in `make test-slow`."""

from collections.abc import Callable
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings


def holds_for(
    few: int, many: int, *, is_drawn_at_length: bool = False, **parts: Any
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator for a test that takes these parts, each drawn from its strategy.

    With `is_drawn_at_length` the parts are known to be large, and Hypothesis need not say so.
    """

    def decorated(test: Callable[..., None]) -> Callable[..., None]:
        # What pytest chooses for the test, beside what is drawn for it.
        chosen = [each for name, each in signature(test).parameters.items() if name not in parts]

        @wraps(test)
        def with_examples(examples: int, **values: Any) -> None:
            def once(**drawn: Any) -> None:
                test(**values, **drawn)

            # Health is a matter of the few: many examples find one that is slow to draw.
            checks = list(HealthCheck) if is_drawn_at_length or examples == many else [HealthCheck.too_slow]
            settings(max_examples=examples, deadline=None, suppress_health_check=checks)(given(**parts)(once))()

        # Else pytest looks for fixtures with the names of the parts.
        del with_examples.__wrapped__  # type: ignore[attr-defined]
        examples_of = Parameter("examples", Parameter.POSITIONAL_OR_KEYWORD)
        with_examples.__signature__ = Signature([examples_of, *chosen])  # type: ignore[attr-defined]
        amounts = [few, pytest.param(many, marks=pytest.mark.slow)]
        return pytest.mark.parametrize("examples", amounts)(with_examples)

    return decorated
