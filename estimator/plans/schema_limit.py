"""Limits: buckets of visits, units or dollars."""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import ValidationError, post_load, validates_schema

from estimator.engine.plan import ANYTIME, Counting, DollarsOf, Every, Extension, Limit, Measure, Past
from estimator.engine.values import UNKNOWN
from estimator.plans.schema_figures import Count, Dollars, Hours
from estimator.plans.schema_names import listed
from estimator.plans.schema_references import Cite, Known, ServiceNames, citation
from estimator.plans.schema_shapes import BlockSchema, Choice, Inner, Many
from estimator.plans.schema_values import Described, Word, enum_words, yes_no
from estimator.plans.schema_when import WhenSchema, modifier

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
            raise ValidationError(f"Write how much, as one of {listed(_MEASURES)}, such as `visits: 30`.")
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
            raise ValidationError("Write either {rolling_days: 90} or {rolling_months: 12}.")

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
            raise ValidationError({measure: ["Write how much more the plan gives: unknown is not read here."]})
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
            raise ValidationError({"extension": [f"Write it in `{measure}`, as the limit is."]})

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
            past=loaded.get("past", Past.PATIENT_PAYS),
            confirmed=loaded.get("confirmed", True),
            modifier=loaded.get("modifier", ""),
            extension=loaded["extension"][1] if "extension" in loaded else None,
            citation=citation(loaded),
        )


def measured(loaded: dict[str, Any]) -> tuple[str, Any]:
    """Return the measure of a block and its amount; an empty one where it has none, which is told elsewhere."""
    return next(((measure, loaded[measure]) for measure in _MEASURES if measure in loaded), ("", 0))
