"""The rules of a plan file: when a rule holds, cost shares, limits, authorization and referral."""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import ValidationError, post_load, validates_schema

from estimator.engine.coding import PROVIDERS, PURPOSES, SETTINGS, STATES
from estimator.engine.plan import (
    ANYTIME,
    Authorization,
    Consequence,
    Counting,
    DeductibleOrder,
    DollarsOf,
    Every,
    Extension,
    IfMissing,
    Limit,
    Measure,
    Past,
    Per,
    When,
)
from estimator.engine.values import ALWAYS, UNKNOWN, WHOLE, Span
from estimator.plans.schema_values import (
    Amount,
    BlockSchema,
    Choice,
    Cite,
    Count,
    Day,
    Described,
    Dollars,
    Hours,
    Inner,
    Known,
    Many,
    Pattern,
    Percent,
    ServiceNames,
    Text,
    Word,
    citation,
    enum_words,
    listed,
    name,
    yes_no,
)


def state(**kwargs: Any) -> Word:
    """Return a field for the two letters of a state."""
    return Word(STATES, **kwargs)


def diagnosis() -> Pattern:
    """Return a field for a diagnosis code, or its beginning and `*`."""
    return Pattern(r"[A-Z][0-9][0-9A-Z]?(?:\.[0-9A-Z]{0,4})?\*?", "M54.50 or M54*", "a diagnosis code")


def modifier(**kwargs: Any) -> Pattern:
    """Return a field for a modifier."""
    return Pattern(r"[A-Z0-9]{2}", "KX", "a modifier of two characters", **kwargs)


def refuse_backwards(loaded: dict[str, Any]) -> None:
    """Refuse a span that ends before it starts."""
    first, last = loaded.get("first_day"), loaded.get("last_day")
    if first and last and last < first:
        raise ValidationError({"last_day": [f"Enter a day from {first} on: the last day is included."]})


class SpanSchema(BlockSchema):
    """Days on which something is in force, both ends included."""

    first_day = Day(metadata={"description": "The first day of service that it holds for."})
    last_day = Day(metadata={"description": "The last day of service; left out, there is no end."})

    @validates_schema
    def check(self, loaded: dict[str, Any], **kwargs: Any) -> None:
        """Refuse a span that ends before it starts."""
        refuse_backwards(loaded)

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> Span:
        """Return the span."""
        return Span(loaded.get("first_day"), loaded.get("last_day"))


class PlanSpanSchema(SpanSchema):
    """The days of a plan, which have a beginning."""

    first_day = Day(required=True, metadata={"description": "The first day of service that the file holds for."})


class AgeSchema(BlockSchema):
    """Ages in years, both ends included."""

    from_age = Count(data_key="from")
    to_age = Count(data_key="to")


class WhenSchema(BlockSchema):
    """Conditions that must all hold."""

    diagnoses = Many(diagnosis(), least=1, metadata={"description": "One of these, or beginnings such as M54*."})
    not_diagnoses = Many(diagnosis(), least=1)
    primary = yes_no(metadata={"description": "Ask the first diagnosis only."})
    symptom_weeks = Count(least=1, metadata={"description": "Weeks since the complaint began, at least."})
    age = Inner(AgeSchema)
    providers = Many(Word(PROVIDERS), least=1)
    settings = Many(Word(SETTINGS), least=1)
    states = Many(state(), least=1, metadata={"description": "States of the clinic."})
    purposes = Many(Word(PURPOSES), least=1)
    modifiers = Many(modifier(), least=1)
    first_day = Day()
    last_day = Day()

    @validates_schema(pass_original=True)
    def check(self, loaded: dict[str, Any], original: Any, **kwargs: Any) -> None:
        """Refuse a span that ends before it starts, and a condition that asks nothing."""
        refuse_backwards(loaded)
        if not original:
            raise ValidationError("Enter at least one condition, or remove the key.")

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> When:
        """Return the condition."""
        age = loaded.get("age", {})
        sets = ("providers", "settings", "states", "purposes", "modifiers")
        return When(
            diagnoses=loaded.get("diagnoses", ()),
            not_diagnoses=loaded.get("not_diagnoses", ()),
            primary=loaded.get("primary", False),
            symptom_weeks=loaded.get("symptom_weeks", 0),
            from_age=age.get("from_age"),
            to_age=age.get("to_age"),
            span=Span(loaded.get("first_day"), loaded.get("last_day"))
            if {"first_day", "last_day"} & set(loaded)
            else ALWAYS,
            **{key: frozenset(loaded.get(key, ())) for key in sets},
        )


# ----------------------------------------------------------------------------
# Cost shares: copay, coinsurance and how they stand to the deductible.
# ----------------------------------------------------------------------------

_OWES = ("copay", "coinsurance")


class ChargeSchema(BlockSchema):
    """What a cost share and each of its steps may say."""

    copay = Amount(metadata={"description": "A fixed amount, a range or unknown."})
    coinsurance = Choice({"unknown": UNKNOWN}, Percent(), metadata={"description": "The patient's percentage."})
    deductible = Word(
        enum_words(DeductibleOrder, unknown=True),
        metadata={"description": "Whether, and before or after the copay, the charge goes to the deductible."},
    )
    per = Word(enum_words(Per), metadata={"description": "What one copay covers."})
    copay_group = name(metadata={"description": "Benefits of the same group share one copay a visit or day."})
    coinsurance_of = Word({"rest": False, "allowed": True})
    never_above_allowed = yes_no(metadata={"description": "no: the copay is owed even if the service costs less."})
    counts_toward_deductible = yes_no()
    counts_toward_maximum = yes_no()
    max_per_visit = Dollars(metadata={"description": "The patient's share of a visit at most."})
    plan_pays_at_most = Dollars(metadata={"description": "The plan's payment for a visit at most."})
    cite = Cite()


class StepSchema(ChargeSchema):
    """One step of a share that changes with the number of the visit."""

    through_visit = Count(least=1, metadata={"description": "The last visit of the step."})

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check(self, loaded: Any, original: dict[str, Any], **kwargs: Any) -> None:
        """Refuse a step that charges nothing."""
        if not any(key in original for key in _OWES):
            raise ValidationError("Enter what the step costs: `copay: 0.00` where nothing is owed.")


class ShareSchema(ChargeSchema):
    """What the patient pays for a covered line in one tier."""

    cited = True
    also: ClassVar[Described] = {"anyOf": [{"required": [key]} for key in (*_OWES, "by_visit", "same_as")]}

    by_visit = Many(Inner(StepSchema), least=2, metadata={"description": "Steps by the number of the visit."})
    counter = Known("limits", metadata={"description": "Limit whose count the steps follow."})
    same_as = Known("benefits", metadata={"description": "Benefit whose share applies."})
    not_above = Known("benefits", metadata={"description": "Benefit whose share this one may not exceed."})

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_charges(self, loaded: Any, original: dict[str, Any], **kwargs: Any) -> None:
        """Refuse a share that charges nothing, or twice."""
        written = [key for key in (*_OWES, "by_visit", "same_as") if key in original]
        if not written:
            raise ValidationError("Enter a `copay`, a `coinsurance` or both: `copay: 0.00` where nothing is owed.")
        mistakes = {}
        if "same_as" in original:
            for key in sorted(set(original) & set(self.keys()) - {"same_as", "cite"}):
                mistakes[key] = ["`same_as` takes the whole share of the other benefit: remove this."]
        elif "by_visit" in original:
            for key in written[:-1]:
                mistakes[key] = ["`by_visit` says what each visit costs: enter this in its steps."]
        elif "counter" in original:
            mistakes["counter"] = ["Only `by_visit` follows a counter: remove this."]
        if mistakes:
            raise ValidationError(mistakes)

    @validates_schema
    def check_steps(self, loaded: dict[str, Any], **kwargs: Any) -> None:
        """Refuse steps out of order, and a last step that ends."""
        steps = loaded.get("by_visit", ())
        before = 0
        for place, step in enumerate(steps):
            last = step.get("through_visit")
            is_final = place == len(steps) - 1
            if is_final and last is not None:
                raise _at(place, "The last step has no end: remove `through_visit`, or add a step after it.")
            if not is_final and (last is None or last <= before):
                raise _at(place, f"Enter the last visit of the step, from {before + 1} on.")
            before = last or before


def _at(place: int, message: str) -> ValidationError:
    return ValidationError({"by_visit": {place: {"through_visit": [message]}}})


# ----------------------------------------------------------------------------
# Limits: buckets of visits, units or dollars.
# ----------------------------------------------------------------------------

_MEASURES = [str(measure) for measure in Measure]
_ROLLING = {"rolling_days": Every.ROLLING_DAYS, "rolling_months": Every.ROLLING_MONTHS}
_PERIODS = {str(every): (every, 0) for every in Every if every not in _ROLLING.values()}


def _amount() -> Choice:
    return Choice({"unknown": UNKNOWN}, Count())


class MeasuredSchema(BlockSchema):
    """A block that holds exactly one measure."""

    also: ClassVar[Described] = {"oneOf": [{"required": [measure]} for measure in _MEASURES]}

    visits = _amount()
    days = _amount()
    sessions = _amount()
    hours = Choice({"unknown": UNKNOWN}, Hours())
    modalities = _amount()
    units = _amount()
    dollars = Choice({"unknown": UNKNOWN}, Dollars())
    months = _amount()

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_measure(self, loaded: Any, original: dict[str, Any], **kwargs: Any) -> None:
        """Refuse none and several measures."""
        written = [measure for measure in _MEASURES if measure in original]
        if not written:
            raise ValidationError(f"Enter how much, as one of {listed(_MEASURES)}, such as `visits: 30`.")
        if len(written) > 1:
            raise ValidationError({written[1]: [f"Keep one measure: `{written[0]}` stands here already."]})


class RollingSchema(BlockSchema):
    """A window that moves with the days."""

    rolling_days = Count(least=1)
    rolling_months = Count(least=1)

    @validates_schema
    def check(self, loaded: dict[str, Any], **kwargs: Any) -> None:
        """Refuse none and both."""
        if len(loaded) != 1:
            raise ValidationError("Enter either {rolling_days: 90} or {rolling_months: 12}.")

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> tuple[Every, int]:
        """Return the period and its length."""
        key, window = next(iter(loaded.items()))
        return _ROLLING[key], window


class ExtensionSchema(MeasuredSchema):
    """More than the limit, given for a reason."""

    cited = True

    needs = Word(("improvement", "justification", "authorization", "diagnosis"), required=True)
    when = Inner(WhenSchema)
    modifier = modifier()
    cite = Cite()

    @validates_schema
    def check(self, loaded: dict[str, Any], **kwargs: Any) -> None:
        """Refuse an extension of unknown size, and one for a diagnosis that names none."""
        measure, amount = measured(loaded)
        if amount is UNKNOWN:
            raise ValidationError({measure: ["Enter how much more the plan gives: unknown is not read here."]})
        if loaded["needs"] == "diagnosis" and "when" not in loaded:
            raise ValidationError({"when": ["`needs: diagnosis` needs `when: {diagnoses: [M54.50]}`."]})

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> tuple[str, Extension]:
        """Return the measure and the extension."""
        measure, amount = measured(loaded)
        return measure, Extension(
            amount=amount,
            needs=loaded["needs"],
            when=loaded.get("when", ANYTIME),
            modifier=loaded.get("modifier", ""),
            citation=citation(loaded),
        )


class LimitSchema(MeasuredSchema):
    """A bucket that one or several benefits fill together."""

    cited = True

    per = Choice(_PERIODS, Inner(RollingSchema), required=True, metadata={"description": "When it starts again."})
    counts = Word(enum_words(Counting), metadata={"description": "Which lines of a date count as one."})
    dollars_of = Word(enum_words(DollarsOf))
    services = ServiceNames(least=1, metadata={"description": "Count only these."})
    not_counted = ServiceNames(least=1, metadata={"description": "These use nothing up."})
    networks = Many(Known("tiers"), least=1, metadata={"description": "Only these tiers."})
    exempt_when = Inner(WhenSchema)
    deductible_visits_count = yes_no(unknown=True)
    other_therapy_counts = yes_no(
        unknown=True, metadata={"description": "Do visits of occupational or speech therapy use it up, too?"}
    )
    past = Word(enum_words(Past, unknown=True), metadata={"description": "What happens beyond it."})
    confirmed = yes_no(metadata={"description": "no: read out of free text, not yet confirmed by a person."})
    modifier = modifier(metadata={"description": "Modifier that lines past a marker carry."})
    extension = Inner(ExtensionSchema)
    cite = Cite()

    @validates_schema
    def check(self, loaded: dict[str, Any], **kwargs: Any) -> None:
        """Refuse dollars of something that is not dollars, and an extension in another measure."""
        measure, _ = measured(loaded)
        if "dollars_of" in loaded and measure != "dollars":
            raise ValidationError({"dollars_of": [f"Only a limit of dollars has this: remove it beside `{measure}`."]})
        if "extension" in loaded and loaded["extension"][0] != measure:
            raise ValidationError({"extension": [f"Enter it in `{measure}`, as the limit is."]})

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> Limit:
        """Return the limit without its name."""
        measure, amount = measured(loaded)
        every, window = loaded["per"]
        return Limit(
            name="",
            measure=Measure(measure),
            amount=amount if amount is UNKNOWN else int(amount),
            every=every,
            window=window,
            counting=loaded.get("counts", Counting.ONE_PER_DATE),
            dollars_of=loaded.get("dollars_of", DollarsOf.ALLOWED),
            services=loaded.get("services", frozenset()),
            not_counted=loaded.get("not_counted", frozenset()),
            networks=frozenset(loaded.get("networks", ())),
            exempt=loaded.get("exempt_when"),
            counts_deductible_visits=loaded.get("deductible_visits_count"),
            counts_other_therapy=loaded.get("other_therapy_counts", UNKNOWN),
            past=loaded.get("past", Past.PATIENT_PAYS),
            confirmed=loaded.get("confirmed", True),
            modifier=loaded.get("modifier", ""),
            extension=loaded["extension"][1] if "extension" in loaded else None,
            citation=citation(loaded),
        )


def measured(loaded: dict[str, Any]) -> tuple[str, Any]:
    """Return the measure of a block and its amount; an empty one where it has none, which is told elsewhere."""
    return next(((measure, loaded[measure]) for measure in _MEASURES if measure in loaded), ("", 0))


# ----------------------------------------------------------------------------
# Authorizations and referrals: from which visit, and who bears a missing one.
# ----------------------------------------------------------------------------

_WORDS = {str(kind): Consequence(kind) for kind in IfMissing if kind not in (IfMissing.REDUCED, IfMissing.PENALTY)}

# Keys that the domain calls the same.
_SAME_NAME = (
    "exempt",
    "only_for",
    "waiver_visits",
    "waiver_days",
    "restart_gap_days",
    "administrator",
    "how_to_ask",
    "turnaround_days",
    "grant_days",
)


class ConsequenceSchema(BlockSchema):
    """A reduced payment or a flat penalty."""

    pays = Percent(metadata={"description": "The plan pays only so much of its payment."})
    penalty = Dollars(metadata={"description": "A flat amount, once a course."})
    counts_toward_maximum = yes_no(metadata={"description": "Does the penalty fill the maximum?"})

    @validates_schema
    def check(self, loaded: dict[str, Any], **kwargs: Any) -> None:
        """Refuse none and both, and a payment above the whole."""
        if ("pays" in loaded) == ("penalty" in loaded):
            raise ValidationError("Enter either {pays: 50%} or {penalty: 250.00}.")
        if "pays" in loaded and "counts_toward_maximum" in loaded:
            raise ValidationError({"counts_toward_maximum": ["Only a penalty has this: remove it."]})
        if loaded.get("pays", WHOLE) > WHOLE:
            raise ValidationError({"pays": ["Enter a percentage up to 100%."]})

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> Consequence:
        """Return the consequence."""
        if "pays" in loaded:
            return Consequence(IfMissing.REDUCED, percent=loaded["pays"])
        credits_maximum = loaded.get("counts_toward_maximum", False)
        return Consequence(IfMissing.PENALTY, penalty=loaded["penalty"], credits=credits_maximum)


class AuthorizationSchema(BlockSchema):
    """From which visit an authorization or a referral is needed."""

    cited = True

    from_visit = Choice({"never": None}, Count(least=1), required=True)
    exempt = ServiceNames(least=1, metadata={"description": "Classes or codes that never need it."})
    only_for = ServiceNames(least=1, metadata={"description": "Only these classes or codes need it."})
    networks = Many(Known("tiers"), least=1, metadata={"description": "Only in these tiers."})
    when = Inner(WhenSchema)
    waiver_visits = Count(least=1, metadata={"description": "First visits that need a request, but no review."})
    waiver_days = Count(least=1, metadata={"description": "Days from the first visit that the waiver lasts."})
    counts = Known("limits", "course", metadata={"description": "The limit whose visits are counted, or course."})
    restart_gap_days = Count(least=1, metadata={"description": "A gap after which the count starts again."})
    administrator = Text()
    how_to_ask = Text()
    turnaround_days = Count(metadata={"description": "Business days within which the payer answers."})
    grant_days = Count(least=1)
    if_missing = Choice(_WORDS, Inner(ConsequenceSchema))
    if_missing_out_of_network = Choice(_WORDS, Inner(ConsequenceSchema))
    cite = Cite()

    @validates_schema
    def check(self, loaded: dict[str, Any], **kwargs: Any) -> None:
        """Refuse a waiver of days that has no visits."""
        if "waiver_days" in loaded and "waiver_visits" not in loaded:
            raise ValidationError({"waiver_days": ["Enter `waiver_visits` too: how many visits the waiver gives."]})

    @post_load
    def build(self, loaded: dict[str, Any], **kwargs: Any) -> Authorization:
        """Return the rule."""
        missing = loaded.get("if_missing", _WORDS["provider-absorbs"])
        elsewhere = loaded.get("if_missing_out_of_network", _WORDS["patient-pays"])
        return Authorization(
            from_visit=loaded["from_visit"],
            if_missing=missing,
            if_missing_out_of_network=elsewhere,
            networks=frozenset(loaded.get("networks", ())),
            when=loaded.get("when", ANYTIME),
            counter=loaded.get("counts", ""),
            citation=citation(loaded),
            **{key: loaded[key] for key in _SAME_NAME if key in loaded},
        )
