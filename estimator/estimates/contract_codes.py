"""Codes in a request: services, modifiers and diagnoses. Whether a code is carried is for others to say."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import ValidationError, fields

from estimator.engine.codes import diagnosis_code
from estimator.estimates.echo import not_that
from estimator.language import _

_SERVICE = re.compile(r"[0-9A-Z]{5}")
_MODIFIER = re.compile(r"[0-9A-Z]{2}")
ANY_SERVICE = "*"
_LONGEST = 20


class ServiceCodeField(fields.Field[str]):
    """Five digits or capital letters."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        return _code(value, _SERVICE, _('Write a code of five characters such as "97110"'))


class PricedCodeField(ServiceCodeField):
    """A service code, or `*` for any service."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        return ANY_SERVICE if value == ANY_SERVICE else super()._deserialize(value, attr, data, **kwargs)


class ModifierField(fields.Field[str]):
    """Two digits or capital letters."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        return _code(value, _MODIFIER, _('Write a modifier of two characters such as "59"'))


class DiagnosisField(fields.Field[str]):
    """A code with the shape of ICD-10-CM, returned with its point."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        code = diagnosis_code(value) if isinstance(value, str) and len(value) <= _LONGEST else None
        if code is None:
            raise ValidationError(not_that(_('Write an ICD-10-CM code such as "M54.50"'), value))
        return code


def _code(value: Any, pattern: re.Pattern[str], instead: str) -> str:
    if isinstance(value, str) and pattern.fullmatch(value):
        return value
    meant = str(value).strip().upper() if isinstance(value, str) and len(value) <= _LONGEST else ""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 100_000:
        meant = str(value)
    if pattern.fullmatch(meant):
        instead = _('Write "{meant}"').format(meant=meant)
    raise ValidationError(not_that(instead, value))
