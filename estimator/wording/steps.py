"""The sentence of any finding, for either reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any, get_args

from estimator.engine.findings import Finding
from estimator.engine.ledger import NO_END
from estimator.engine.values import Money
from estimator.wording.bounds import Bounds, bounds_for_biller, bounds_for_patient
from estimator.wording.charges import Charges, charge_for_biller, charge_for_patient
from estimator.wording.cover import Cover, cover_for_biller, cover_for_patient
from estimator.wording.figures import sentence
from estimator.wording.notices import Notices, notice_for_biller, notice_for_patient
from estimator.wording.prices import Prices, price_for_biller, price_for_patient
from estimator.wording.telling import PATIENT, Telling

_Says = Callable[[Any, Money, Telling], str]


def says(finding: Finding, owes: Money, telling: Telling) -> str:
    """Return what a finding means, with what it makes the patient owe; KeyError where it has no words."""
    for_patient, for_biller = _WORDS[type(finding)]
    words = (for_patient if telling.reader == PATIENT else for_biller)(finding, owes, telling)
    return sentence(words.strip())


def name_of(finding: Finding) -> str:
    """Return the name of a finding in the answer, such as `copay-charged`."""
    return _NAMES[type(finding)]


def numbers(finding: Finding) -> dict[str, str]:
    """Return the fields of a finding as text; what says nothing, or a figure that stands for no end, is left out."""
    values = {each.name: getattr(finding, each.name) for each in fields(finding)}
    return {name: _text(value) for name, value in values.items() if value not in (NO_END, None)}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value)


def _kebab(kind: type) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in kind.__name__)[1:]


def _both(subject: object, for_patient: _Says, for_biller: _Says) -> dict[type, tuple[_Says, _Says]]:
    return dict.fromkeys(get_args(subject), (for_patient, for_biller))


_WORDS: dict[type, tuple[_Says, _Says]] = {
    **_both(Cover, cover_for_patient, cover_for_biller),
    **_both(Bounds, bounds_for_patient, bounds_for_biller),
    **_both(Charges, lambda f, owes, _: charge_for_patient(f, owes), lambda f, owes, _: charge_for_biller(f, owes)),
    **_both(Notices, lambda f, _, t: notice_for_patient(f, t), lambda f, _, t: notice_for_biller(f, t)),
    **_both(Prices, lambda f, _, t: price_for_patient(f, t), lambda f, _, t: price_for_biller(f, t)),
}
_NAMES = {kind: _kebab(kind) for kind in _WORDS}
