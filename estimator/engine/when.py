"""When a rule holds: diagnosis, age, provider, setting, state, modifier and day.

The answer has three values, since a person may not have said: yes, no, or `None` for not known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from estimator.engine.days import ALWAYS, Span


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known about one line of one visit when rules are chosen; `None` is not known."""

    day: date
    provider: str
    setting: str
    state: str | None
    diagnoses: tuple[str, ...] | None
    symptom_weeks: int | None
    age: int | None
    purpose: str | None
    modifiers: frozenset[str]


@dataclass(frozen=True, slots=True)
class When:
    """Conditions that must all hold; an empty one does not ask.

    `diagnoses` are ICD-10-CM codes, or their beginnings ending in `*`. `primary` asks the first
    diagnosis only. `symptom_weeks` is the least number of weeks since the complaint began.
    """

    diagnoses: tuple[str, ...] = ()
    not_diagnoses: tuple[str, ...] = ()
    primary: bool = False
    symptom_weeks: int = 0
    from_age: int | None = None
    to_age: int | None = None
    providers: frozenset[str] = frozenset()
    settings: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset()
    modifiers: frozenset[str] = frozenset()
    span: Span = ALWAYS

    def holds(self, case: Circumstances) -> bool | None:
        """Tell whether the rule applies: True, False, or None where a needed fact is not known."""
        if self is ANYTIME:
            return True
        answers = tuple(self._answers(case))
        if False in answers:
            return False
        return None if None in answers else True

    def _answers(self, case: Circumstances) -> list[bool | None]:
        answers: list[bool | None] = [case.day in self.span]
        for wanted, actual in (
            (self.providers, case.provider),
            (self.settings, case.setting),
            (self.states, case.state),
            (self.purposes, case.purpose),
        ):
            if wanted:
                answers.append(None if actual is None else actual in wanted)
        if self.modifiers:
            answers.append(not self.modifiers.isdisjoint(case.modifiers))
        answers += [self._age(case.age), self._weeks(case.symptom_weeks), self._diagnosis(case.diagnoses)]
        return answers

    def _age(self, age: int | None) -> bool | None:
        if self.from_age is None and self.to_age is None:
            return True
        if age is None:
            return None
        return (self.from_age or 0) <= age and (self.to_age is None or age <= self.to_age)

    def _weeks(self, weeks: int | None) -> bool | None:
        if not self.symptom_weeks:
            return True
        return None if weeks is None else weeks >= self.symptom_weeks

    def _diagnosis(self, diagnoses: tuple[str, ...] | None) -> bool | None:
        if not self.diagnoses and not self.not_diagnoses:
            return True
        if diagnoses is None:
            return None
        asked = diagnoses[:1] if self.primary else diagnoses
        if any(matches(code, self.not_diagnoses) for code in asked):
            return False
        return not self.diagnoses or any(matches(code, self.diagnoses) for code in asked)


def matches(code: str, patterns: tuple[str, ...]) -> bool:
    """Tell whether a code is one of the patterns, where `M54*` stands for every code that starts so."""
    return any(code.startswith(p[:-1]) if p.endswith("*") else code == p for p in patterns)


ANYTIME = When()
