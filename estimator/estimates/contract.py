"""A request of `docs/json-contract.md`, as text or values, becomes `Asked`, or all of its problems at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date, timedelta
from functools import cache
from typing import Any

from marshmallow import ValidationError, fields, pre_load, validates_schema

from estimator.engine.coding import (
    EXPERIENCES,
    METHODS,
    NEEDLING_CODES,
    PRICE_BASES,
    PROVIDERS,
    PURPOSES,
    SETTINGS,
    STATES,
    is_service_code,
)
from estimator.engine.prices import PriceEntry
from estimator.engine.request import (
    COULD_NOT_SAY,
    NONE,
    SUPPLEMENT,
    SUPPLEMENT_PARTS,
    Call,
    Grant,
    Person,
    Provider,
    Request,
    Service,
    Told,
    Used,
    Visit,
)
from estimator.errors import Problem, RequestRefused
from estimator.estimates.contract_values import (
    ANY_SERVICE,
    LAST_DAY,
    MAY_BE_WRONG,
    OF_SECOND,
    Asked,
    ByName,
    ChoiceField,
    CountField,
    CountOrMoneyField,
    DayField,
    DiagnosisField,
    ModifierField,
    MoneyField,
    Part,
    PatternField,
    PercentField,
    PlanField,
    PricedCodeField,
    SecondPlan,
    ServiceCodeField,
    Several,
    SpannedPart,
    WordField,
    YesField,
    day_of,
    span,
    surely,
)
from estimator.language import N_, _

_MOST_PROBLEMS = 100
_OF_THE_QUESTION = ("provider", "person", "authorization", "referral", "signed_consent", "state", "visits")


def read_request(mapping: Mapping[str, Any], today: date) -> Asked:
    """Read a request; raise RequestRefused with all problems, each with its path."""
    try:
        read = _read(mapping)
    except ValidationError as error:
        raise RequestRefused(_at_most(tuple(_problems(error.messages, "")))) from error
    spent = dict(read.pop("used", {}))
    elsewhere = {name: used(sums) for name, sums in spent.pop("networks", {}).items()}
    question = {key: read.pop(key) for key in _OF_THE_QUESTION if key in read}
    diagnoses = read.pop("diagnoses", None)
    request = Request(
        as_of=read.pop("as_of", today),
        used=used(spent),
        used_elsewhere=elsewhere,
        diagnoses=None if diagnoses is None else tuple(diagnoses),
        **question,
    )
    told = tuple(read.pop("told", ()))
    second = read.get("secondary")
    latest = max(request.as_of, today)
    problems = [*problems_of_days(told, latest), *problems_of_days(second.told if second else (), latest, OF_SECOND)]
    if problems:
        raise RequestRefused(tuple(problems))
    contract, self_pay = tuple(read.pop("contract", ())), tuple(read.pop("self_pay_prices", ()))
    return Asked(request=request, contract=contract, self_pay_prices=self_pay, told=told, **read)


def _read(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """Read a request in one go; one in which something may be wrong is read again, to say all that is."""
    read: dict[str, Any]
    with suppress(ValidationError):
        read = _schema().surely(mapping)
        return read
    read = _schema().load(mapping)
    return read


@cache
def _schema() -> RequestPart:
    return RequestPart()


def _problems(messages: Any, path: str) -> Iterator[Problem]:
    if isinstance(messages, Mapping):
        for key, below in messages.items():
            # `_schema` is marshmallow's name for the object itself.
            within = path if key == "_schema" else f"{path}.{key}".removeprefix(".")
            yield from _problems(below, within)
    elif isinstance(messages, list):
        for message in messages:
            yield from _problems(message, path)
    else:
        # What marshmallow itself says was marked, and is translated here.
        yield Problem(path, _(str(messages)))


def _at_most(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    rest = len(problems) - _MOST_PROBLEMS
    if rest <= 0:
        return problems
    return (
        *problems[:_MOST_PROBLEMS],
        Problem("", _("There are {number} more problems like these.").format(number=rest)),
    )


# ----------------------------------------------------------------------------
# The care asked about: services, visits, or a course that is spread over days.
#
# A course of so many visits a week falls on the same days of every week: one a week on the first day; two on the
# first and the fourth (Monday and Thursday); three on the first, third and fifth; four on the first, second, fourth
# and fifth; more on as many days running.
# ----------------------------------------------------------------------------

MOST_VISITS = 366
_MOST_SERVICES = 20
# The lines of a day are priced together, for each visit of it.
_MOST_ON_A_DAY = 4
_MOST_LINES = 500
_MOST_MINUTES = 480
_MOST_UNITS = 96
_DAYS_OF_A_WEEK = {1: (0,), 2: (0, 3), 3: (0, 2, 4), 4: (0, 1, 3, 4)}

Services = tuple[Service, ...]


class ServicePart(Part):
    """One line of a visit."""

    example = '{"code": "97110", "minutes": 30}'
    code = ServiceCodeField(required=True)
    minutes = CountField(0, _MOST_MINUTES, N_("A service lasts {most} minutes (8 hours) at most."))
    units = CountField(1, 99)
    modifiers = Several(ModifierField(), 0, 4, N_("modifiers"))
    allowed = MoneyField()
    billed = MoneyField()

    def made(self, read: dict[str, Any]) -> Service:
        return Service(**{**read, "modifiers": frozenset(read.get("modifiers", ()))})


def services_field(**kwargs: Any) -> Several:
    """Return the field for the lines of a visit."""
    return Several(
        fields.Nested(ServicePart), 1, _MOST_SERVICES, N_("services"), validate=_last_a_day_at_most, **kwargs
    )


def _last_a_day_at_most(services: list[Service]) -> None:
    """Refuse minutes beyond a day of work, and units, taken as 15 minutes each, beyond a day."""
    minutes = sum(service.minutes or 0 for service in services)
    if minutes > _MOST_MINUTES:
        words = _("A visit lasts {most} minutes (8 hours) at most; these add up to {number}.")
        raise ValidationError(words.format(most=_MOST_MINUTES, number=minutes))
    units = sum(service.units or 0 for service in services)
    if units > _MOST_UNITS:
        words = _("A day has {most} units of 15 minutes; these add up to {number}.")
        raise ValidationError(words.format(most=_MOST_UNITS, number=units))


class VisitPart(Part):
    """One appointment."""

    example = '{"day": "2026-03-02", "services": […]}'
    day = DayField(required=True)
    network = WordField()
    services = services_field(required=True)

    def made(self, read: dict[str, Any]) -> Visit:
        return Visit(read["day"], tuple(read["services"]), read.get("network"))


class _VisitsField(Several):
    """Visits, most of which list the same services: those are read once."""

    def surely(self, written: Any) -> list[Visit]:
        """Read visits in which nothing is wrong; raise ValidationError where something may be."""
        self.require_length(written)
        known, visits = dict[str, Services](), list[Visit]()
        for each in written:
            # What is written alike is read alike.
            services = repr(each["services"]) if isinstance(each, dict) and each.keys() == _OF_MOST_VISITS else ""
            alike = known.get(services)
            visits.append(Visit(surely(_DAY, each["day"]), alike) if alike else surely(self.inner, each))
            if services:
                known[services] = visits[-1].services
        return visits


_OF_MOST_VISITS = {"day", "services"}
_DAY = DayField()


class CoursePart(Part):
    """So many visits from a first day on, all alike but perhaps the first.

    Where `needling_visits` is fewer, so many of them have needling: from the second on, because the first is for the
    evaluation, or all but none where it is 0.
    """

    first_day = DayField(required=True)
    visits = CountField(1, MOST_VISITS, required=True)
    per_week = CountField(1, 7, load_default=1)
    needling_visits = CountField(0, MOST_VISITS)
    first_visit = services_field()
    each_visit = services_field(required=True)

    @validates_schema
    def _ends_in_time(self, read: dict[str, Any], **kwargs: Any) -> None:
        last = max(_days(read["first_day"], read["visits"], read["per_week"]))
        if last > LAST_DAY:
            words = _("Enter fewer visits: the last one would be on {day}.").format(day=last)
            raise ValidationError({"visits": [words]})

    @validates_schema
    def _has_care_without_needling(self, read: dict[str, Any], **kwargs: Any) -> None:
        is_bare = not all(_without_needling(read[key]) for key in ("first_visit", "each_visit") if key in read)
        if is_bare and read.get("needling_visits", read["visits"]) < read["visits"]:
            words = _("Enter as many as there are visits: nothing but needling is done at them.")
            raise ValidationError({"needling_visits": [words]})

    def check(self, read: dict[str, Any]) -> None:
        """Look at both."""
        self._ends_in_time(read)
        self._has_care_without_needling(read)

    def made(self, read: dict[str, Any]) -> tuple[Visit, ...]:
        each = tuple(read["each_visit"])
        first = tuple(read.get("first_visit", each))
        bare_each, bare_first = _without_needling(each), _without_needling(first)
        needled = _needled(read["visits"], read.get("needling_visits", read["visits"]))
        days = _days(read["first_day"], read["visits"], read["per_week"])
        return tuple(
            Visit(day, (each if number else first) if number in needled else (bare_each if number else bare_first))
            for number, day in enumerate(days)
        )


def _without_needling(services: Iterable[Service]) -> tuple[Service, ...]:
    return tuple(service for service in services if service.code not in NEEDLING_CODES)


def _needled(visits: int, needling_visits: int) -> range:
    """Return the visits with needling by their place from 0.

    >>> _needled(8, 4), _needled(4, 4)
    (range(1, 5), range(0, 4))
    """
    return range(visits) if needling_visits >= visits else range(1, 1 + needling_visits)


def problems_of_order(visits: Any) -> dict[int, dict[str, list[str]]]:
    """Return a problem for each visit that stands after a later one."""
    problems: dict[int, dict[str, list[str]]] = {}
    latest: date | None = None
    for at, visit in enumerate(visits if isinstance(visits, list | tuple) else ()):
        day = day_of(visit.get("day")) if isinstance(visit, Mapping) else None
        if day and latest and day < latest:
            words = _("List the visits in date order: {day} comes after {latest}.")
            problems[at] = {"day": [words.format(day=day, latest=latest)]}
        latest = max(filter(None, (day, latest)), default=None)
    return problems


def _require_few(visits: tuple[Visit, ...]) -> None:
    """Refuse more visits on a day, and more services in all, than any course of care has."""
    day, number = Counter(visit.day for visit in visits).most_common(1)[0]
    if number > _MOST_ON_A_DAY:
        words = _("Enter at most {most} visits on one day; there are {number} on {day}.")
        raise ValidationError({"visits": [words.format(most=_MOST_ON_A_DAY, number=number, day=day)]})
    lines = sum(len(visit.services) for visit in visits)
    if lines > _MOST_LINES:
        words = _("Enter fewer visits or fewer services: at most {most} services in all; these are {number}.")
        raise ValidationError({"visits": [words.format(most=f"{_MOST_LINES:,}", number=f"{lines:,}")]})


def with_shared_services(visits: tuple[Visit, ...]) -> tuple[Visit, ...]:
    """Return the visits with one tuple for equal services: the engine knows a list by its identity."""
    kept: dict[Services, Services] = {}
    shared = ((visit, kept.setdefault(visit.services, visit.services)) for visit in visits)
    return tuple(
        visit if services is visit.services else Visit(visit.day, services, visit.network) for visit, services in shared
    )


def _days(first: date, visits: int, per_week: int) -> Iterator[date]:
    offsets = _DAYS_OF_A_WEEK.get(per_week, tuple(range(per_week)))
    for number in range(visits):
        week, within = divmod(number, per_week)
        yield first + timedelta(days=7 * week + offsets[within])


# ----------------------------------------------------------------------------
# Answers of the plan itself in a request: one call or several, each with its day.
#
# What a question takes for an answer is a table here. Whether the plan has the limit or the network that a subject
# names is for the use case to say.
# ----------------------------------------------------------------------------

SOURCES = ("telephone", "letter", "member-site", "eligibility")
PAYABLE = ("covered", "bundled", "investigational", "not-medically-necessary", "excluded", "not-paid")
BEARERS = ("clinic", "patient")
FAMILIES = ("each-their-own", "together")
_MOST_CALLS = 20
_MOST_ANSWERS = 60

_YES, _MONEY, _PERCENT, _PAYABLE = YesField(), MoneyField(), PercentField("0%", "100%"), ChoiceField(PAYABLE)
_ANSWERS: Mapping[str, fields.Field[Any]] = {
    "payable": _PAYABLE,
    "needling-policy": _PAYABLE,
    "benefit-lists-service": _PAYABLE,
    "code-valid": _YES,
    "liability": _YES,
    "authorization-needed": _YES,
    "referral-needed": _YES,
    "authorization-consequence": ChoiceField(BEARERS),
    "network-cover": _YES,
    "cost-share": _YES,
    "fair-copay": _MONEY,
    "deductible": _MONEY,
    "out-of-pocket-max": _MONEY,
    "family-rule": ChoiceField(FAMILIES),
    "balance-bill": _YES,
    "multiple-procedure-reduction": _YES,
    "limit": CountOrMoneyField(),
    "limit-exemption": _YES,
    "limit-shared": _YES,
    "past-limit": _YES,
    "deductible-visits-count": _YES,
    SUPPLEMENT: _YES,
}
# The parts of a share, each with what it takes; whether the deductible comes first is a yes or a no.
_SHARES: Mapping[str, fields.Field[Any]] = {"copay": _MONEY, "coinsurance": _PERCENT, "deductible": _YES}
_MAY_BE_NONE = {"deductible", "out-of-pocket-max", "limit"}
_NEEDS_SUBJECT = {"code-valid", "network-cover", "balance-bill", "limit-exemption", "limit-shared", "past-limit"}
_OF_CODES = {"code-valid", "liability"}


class AnswerPart(Part):
    """One answer of a call."""

    example = '{"asks": "payable", "subject": "20561", "answer": "covered"}'
    asks = ChoiceField(_ANSWERS, required=True)
    subject = WordField()
    answer = fields.Raw(required=True)
    from_visit = CountField(1, 999)
    family = MoneyField()

    def surely(self, written: Any) -> Told:
        """Read it as a whole: what its answer may be depends on the question."""
        read: Told = self.load(written)
        return read

    @pre_load
    def _about_nothing_more(self, given: Any, **kwargs: Any) -> Any:
        """Take the empty subject of a question, as an answer names it, for none."""
        if isinstance(given, Mapping) and given.get("subject") == "":
            return {key: value for key, value in given.items() if key != "subject"}
        return given

    @validates_schema
    def _subject_fits(self, read: dict[str, Any], **kwargs: Any) -> None:
        asks, subject = read["asks"], read.get("subject", "")
        if asks == "cost-share" and subject not in _SHARES:
            raise ValidationError(
                {"subject": [_("Choose one of these: {choices}.").format(choices=", ".join(_SHARES))]}
            )
        if asks == SUPPLEMENT and subject not in SUPPLEMENT_PARTS:
            choices = ", ".join(SUPPLEMENT_PARTS)
            raise ValidationError({"subject": [_("Choose one of these: {choices}.").format(choices=choices)]})
        if asks in _NEEDS_SUBJECT and not subject:
            raise ValidationError({"subject": [_("Add this key; it says what the answer is about.")]})
        if asks in _OF_CODES and subject and not is_service_code(subject):
            raise ValidationError({"subject": [_("Enter a 5-character code, like 97110.")]})

    def made(self, read: dict[str, Any]) -> Told:
        asks, subject, answer = read["asks"], read.get("subject", ""), read["answer"]
        if answer != COULD_NOT_SAY and not (answer == NONE and _takes_none(asks, subject)):
            takes = _SHARES[subject] if asks == "cost-share" else _ANSWERS[asks]
            try:
                answer = takes.deserialize(answer)
            except ValidationError as error:
                raise ValidationError({"answer": error.messages}) from error
        return Told(asks, subject, answer, read.get("from_visit"), read.get("family"))


class CallPart(Part):
    """The answers of one day from one source."""

    example = '{"on": "2026-11-20", "reference": "…", "answers": […]}'
    on = DayField(required=True)
    source = ChoiceField(SOURCES)
    reference = WordField()
    representative = WordField()
    answers = Several(fields.Nested(AnswerPart), 1, _MOST_ANSWERS, N_("answers"), required=True)

    def made(self, read: dict[str, Any]) -> Call:
        answers = tuple(read.pop("answers"))
        seen: set[tuple[str, str]] = set()
        for place, told in enumerate(answers):
            if told.key in seen:
                words = _("Answer this question only once; it appears more than once.")
                raise ValidationError({"answers": {place: {"asks": [words]}}})
            seen.add(told.key)
        return Call(answers=answers, **read)


class Calls(Several):
    """One call, or a list of them."""

    def __init__(self, **kwargs: Any):
        super().__init__(fields.Nested(CallPart), 0, _MOST_CALLS, N_("calls"), **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> list[Any]:
        calls = [value] if isinstance(value, Mapping) else value
        return super()._deserialize(calls, attr, data, **kwargs)


def problems_of_days(calls: tuple[Call, ...], today: date, path: str = "told") -> Iterator[Problem]:
    """Find calls of a day that has not come yet; `path` is where they stand in the request."""
    for number, call in enumerate(calls):
        if call.on > today:
            words = _("Enter a date up to {today}; {day} is in the future.")
            yield Problem(f"{path}.{number}.on", words.format(today=today, day=call.on))


def _takes_none(asks: str, subject: str) -> bool:
    return asks in _MAY_BE_NONE or (asks == "cost-share" and subject != "deductible")


# ----------------------------------------------------------------------------
# The request of `docs/json-contract.md` as one schema: which keys there are, and what they turn into.
# ----------------------------------------------------------------------------

_MOST_PRICES = 500
_MOST_CODES = 50
_MOST_DIAGNOSES = 12


class ProviderPart(Part):
    """Who treats, and where."""

    type = ChoiceField(PROVIDERS)
    network = WordField()
    setting = ChoiceField(SETTINGS)
    experience = ChoiceField(EXPERIENCES)
    experience_factor = PercentField("10%", "500%")

    def made(self, read: dict[str, Any]) -> Provider:
        return Provider(**read)


class PersonPart(Part):
    """What rules may ask of the patient."""

    age = CountField(0, 130)
    family = YesField()
    symptom_weeks = CountField(0, 5200, instead=N_("Enter the number of weeks, from {least} to {most}"))
    purpose = ChoiceField(PURPOSES)
    improving = YesField()
    justified = YesField()
    indian_health = YesField()

    def made(self, read: dict[str, Any]) -> Person:
        return Person(**read)


class SumsPart(Part):
    """What was paid so far within one network."""

    deductible_paid = MoneyField()
    out_of_pocket_paid = MoneyField()
    family_deductible_paid = MoneyField()
    family_out_of_pocket_paid = MoneyField()


class UsedPart(SumsPart):
    """Balances before the first visit, in the provider's network and, by name, in others."""

    limits = ByName(CountOrMoneyField())
    limit_days = ByName(Several(DayField(), 0, MOST_VISITS, N_("days")))
    other_therapy = CountField(0, 9999)
    networks = ByName(fields.Nested(SumsPart))


class GrantPart(SpannedPart):
    """An authorization or referral on file."""

    on_file = YesField()
    visits = CountField(0, 9999)
    units = CountField(0, 9999)
    used_visits = CountField(0, 9999)
    used_units = CountField(0, 9999)
    codes = Several(ServiceCodeField(), 0, _MOST_CODES, N_("codes"))

    def made(self, read: dict[str, Any]) -> Grant:
        valid = span(read)
        return Grant(**{**read, "codes": frozenset(read.get("codes", ())), "valid": valid})


class PricePart(SpannedPart):
    """One amount of the clinic's contract or of its self-pay list."""

    code = PricedCodeField(required=True)
    amount = MoneyField(required=True)
    basis = ChoiceField(PRICE_BASES)

    @validates_schema
    def _any_service_is_a_visit(self, read: dict[str, Any], **kwargs: Any) -> None:
        if read["code"] == ANY_SERVICE and read.get("basis") != "per-visit":
            raise ValidationError({"basis": [_("Use per-visit with the code *, or name the code.")]})

    def made(self, read: dict[str, Any]) -> PriceEntry:
        valid = span(read)
        return PriceEntry(**read, span=valid)


class SecondPlanPart(Part):
    """A second plan and how it counts what the first one paid."""

    plan = PlanField(required=True)
    method = ChoiceField(METHODS)
    used = fields.Nested(UsedPart(exclude=("networks",)))
    told = Calls()

    def made(self, read: dict[str, Any]) -> SecondPlan:
        return SecondPlan(**{**read, "used": used(read.get("used", {})), "told": tuple(read.get("told", ()))})


class RequestPart(Part):
    """A whole request."""

    plan = PlanField(required=True)
    as_of = DayField()
    zip = PatternField("[0-9]{5}", N_("Enter a 5-digit ZIP code, like 98101"))
    locality = PatternField("[0-9]{5}-[0-9]{2}", N_("Enter the carrier and locality numbers, like 02102-01"))
    state = ChoiceField(STATES)
    provider = fields.Nested(ProviderPart)
    diagnoses = Several(DiagnosisField(), 0, _MOST_DIAGNOSES, N_("diagnoses"))
    person = fields.Nested(PersonPart)
    used = fields.Nested(UsedPart)
    authorization = fields.Nested(GrantPart)
    referral = fields.Nested(GrantPart)
    signed_consent = YesField()
    visits = _VisitsField(fields.Nested(VisitPart), 1, MOST_VISITS, N_("visits"))
    course = fields.Nested(CoursePart)
    contract = Several(fields.Nested(PricePart), 0, _MOST_PRICES, N_("prices"))
    self_pay_prices = Several(fields.Nested(PricePart), 0, _MOST_PRICES, N_("prices"))
    secondary = fields.Nested(SecondPlanPart)
    told = Calls()
    insurer = WordField()

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _care_is_said_once(self, read: Any, written: Any, **kwargs: Any) -> None:
        if not isinstance(written, Mapping):
            return
        visits, course = written.get("visits"), written.get("course")
        if visits is None and course is None:
            raise ValidationError({"visits": [_("Add visits or a course; one of the two is needed.")]})
        if visits is not None and course is not None:
            raise ValidationError({"course": [_("Give either visits or a course, not both.")]})
        short = isinstance(visits, list | tuple) and len(visits) <= MOST_VISITS
        if short and (problems := problems_of_order(visits)):
            raise ValidationError({"visits": problems})

    def check(self, read: dict[str, Any]) -> None:
        """Look whether the care is said once, in order."""
        days = [visit.day for visit in read.get("visits", ())]
        if ("visits" in read) is ("course" in read) or days != sorted(days):
            raise ValidationError(MAY_BE_WRONG)

    def made(self, read: dict[str, Any]) -> dict[str, Any]:
        visits = read.pop("course", None) or tuple(read["visits"])
        _require_few(visits)
        return {**read, "visits": with_shared_services(visits)}


def used(read: Mapping[str, Any]) -> Used:
    """Return the balances of one network."""
    days = {name: tuple(sorted(days)) for name, days in read.get("limit_days", {}).items()}
    is_told = "deductible_paid" in read or "family_deductible_paid" in read
    return Used(**{**read, "limit_days": days, "is_deductible_told": is_told})
