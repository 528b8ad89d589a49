"""The answer as the JSON of `docs/json-contract.md`: one schema writes it and describes it to other programs.

A field of the answer is a field here, under the same name and in the order in which a person should read it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import RAISE, Schema, fields, post_load

from estimator.engine.answer import Status
from estimator.engine.request import Effect
from estimator.engine.values import Citation, Money
from estimator.wording.answer import Answer, AnswerCitation, AnswerStep, citation_of
from estimator.wording.words import BILLER, PATIENT

Json = dict[str, Any]

# ----------------------------------------------------------------------------
# What every answer to a program has in common; the smaller answers of the API are made of the same parts.
# ----------------------------------------------------------------------------


class AnswerPart(Schema):
    """An object of an answer. It has every key that is described, and no other."""

    class Meta:
        """Say in the description that there is no other key."""

        unknown = RAISE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Describe every key as always there, but for those that say otherwise."""
        del field_name  # marshmallow hands it over; every field is described alike.
        field_obj.required = not _is_maybe(field_obj)


_MAYBE = {"maybe": True}


def _is_maybe(field: fields.Field[Any]) -> bool:
    """Tell whether a part without this has no key for it."""
    return field.metadata.get("maybe", False) is True


class AmountField(fields.String):
    """Money as text with two decimals; below zero for a relief."""

    def __init__(self, **options: Any):
        super().__init__(metadata={"pattern": r"^-?[0-9]+\.[0-9]{2}$"}, **options)


class CountOrAmountField(fields.Field[int]):
    """A count, or money as text for a limit in dollars."""

    def __init__(self, *, allow_none: bool = False):
        kinds = [{"type": "integer"}, {"type": "string"}, *([{"type": "null"}] if allow_none else [])]
        super().__init__(allow_none=allow_none, metadata={"oneOf": kinds})

    def _serialize(self, value: int | None, attr: str | None, obj: Any, **options: Any) -> int | str | None:
        return str(value) if isinstance(value, Money) else value


def numbers_field() -> fields.Dict:
    """Return a field for names with text, such as the numbers of a finding."""
    return fields.Dict(keys=fields.String(), values=fields.String())


def word_field(*words: str, **options: Any) -> fields.String:
    """Return a field for one of some words."""
    return fields.String(metadata={"enum": list(words)}, **options)


class AmountsSchema(AnswerPart):
    """An amount in the three runs."""

    low = AmountField()
    typical = AmountField()
    high = AmountField()


class SpreadSchema(AnswerPart):
    """The least and the most of an amount."""

    low = AmountField()
    high = AmountField()


class CitationSchema(AnswerPart):
    """Where a rule comes from; `file` and `line` are null where no plan file says it."""

    title = fields.String()
    url = fields.String()
    place = fields.String()
    read_on = fields.Date()
    confidence = fields.String()
    file = fields.String(allow_none=True)
    line = fields.Integer(allow_none=True)

    @post_load
    def _made(self, read: Json, **options: Any) -> AnswerCitation:
        return AnswerCitation(**read)


def cited_field() -> fields.Nested:
    """Return a field for a citation, null where nobody has to be cited."""
    return fields.Nested(CitationSchema, allow_none=True)


# ----------------------------------------------------------------------------
# The answer to a request.
# ----------------------------------------------------------------------------


class NoticeSchema(AnswerPart):
    """What has to be read before any price, such as the law of a state."""

    finding = fields.String()
    says = fields.String()
    citation = cited_field()
    numbers = numbers_field()


class PriceSchema(AnswerPart):
    """Where a price comes from."""

    finding = fields.String()
    says = fields.String()
    numbers = numbers_field()
    citation = cited_field()


class StepSchema(AnswerPart):
    """One reason with what it makes the patient owe."""

    finding = fields.String()
    amount = AmountField()
    says = fields.String()
    numbers = numbers_field()
    citation = cited_field()


class LineSchema(AnswerPart):
    """One service of a visit; its steps add up to what the patient owes for it."""

    code = fields.String()
    name = fields.String()
    units = fields.Integer()
    minutes = fields.Integer(allow_none=True)
    modifiers = fields.List(fields.String())
    status = fields.Enum(Status, by_value=fields.String)
    status_says = fields.String()
    allowed = AmountField()
    allowed_range = fields.Nested(SpreadSchema)
    charge = AmountField()
    patient_owes = AmountField()
    range = fields.Nested(SpreadSchema)
    plan_pays = AmountField()
    provider_absorbs = AmountField()
    price = fields.Nested(PriceSchema)
    steps = fields.Nested(StepSchema, many=True)


class BalanceSchema(AnswerPart):
    """A deductible or a maximum after a visit; `of` and `left` are null where it has no end."""

    used = AmountField()
    of = AmountField(allow_none=True)
    left = AmountField(allow_none=True)


class LimitSchema(AnswerPart):
    """A limit after a visit, in its own measure."""

    used = CountOrAmountField()
    of = CountOrAmountField(allow_none=True)
    left = CountOrAmountField(allow_none=True)
    measure = fields.String()


class AccumulatorsSchema(AnswerPart):
    """What is used and left after a visit; a plan without a deductible or a maximum has no key for it."""

    deductible = fields.Nested(BalanceSchema, metadata=_MAYBE)
    out_of_pocket_max = fields.Nested(BalanceSchema, metadata=_MAYBE)
    limits = fields.Dict(keys=fields.String(), values=fields.Nested(LimitSchema))


class VisitSchema(AnswerPart):
    """One visit: what is settled, what is owed by usual readings, and what is owed up to it (`cumulative`)."""

    number = fields.Integer()
    day = fields.Date()
    network = fields.String()
    settled = fields.Nested(AmountsSchema)
    patient_owes = AmountField()
    range = fields.Nested(SpreadSchema)
    cumulative = fields.Nested(AmountsSchema)
    lines = fields.Nested(LineSchema, many=True)
    accumulators = fields.Nested(AccumulatorsSchema)
    copays = fields.Nested(StepSchema, many=True)


class SpanSchema(AnswerPart):
    """Days from the first to the last, both included; null where that end is open."""

    first_day = fields.Date(allow_none=True)
    last_day = fields.Date(allow_none=True)


class NoteSchema(AnswerPart):
    """A sentence on the plan with its source."""

    says = fields.String()
    citation = cited_field()


class AnswerPlanSchema(AnswerPart):
    """The plan that the answer rests on."""

    id = fields.String()
    title = fields.String()
    payer = fields.String()
    kind = fields.String()
    market = fields.String()
    in_force = fields.Nested(SpanSchema)
    notes = fields.Nested(NoteSchema, many=True)


class ConditionSchema(AnswerPart):
    """Something the typical figure takes as met, with what it costs the patient and the clinic if it is not."""

    needs = fields.String()
    from_visit = fields.Integer()
    visits = fields.Integer()
    administrator = fields.String()
    if_not = AmountField()
    clinic_if_not = AmountField()
    is_known = fields.Boolean()
    says = fields.String()
    citation = cited_field()


class QuestionSchema(AnswerPart):
    """Something only the insurer, the clinic or the patient can say."""

    asks = fields.String()
    subject = fields.String()
    says = fields.String()
    citation = cited_field()
    of_second = fields.Boolean()


class WorthSchema(AnswerPart):
    """What the typical total would be less, and more, at the ends of an assumed figure."""

    less = AmountField()
    more = AmountField()


class AssumptionSchema(AnswerPart):
    """Something taken for granted where the plan or the person is silent."""

    assumes = fields.String()
    subject = fields.String()
    says = fields.String()
    citation = cited_field()
    worth = fields.Nested(WorthSchema, allow_none=True)


class OpenTotalSchema(AnswerPart):
    """What all open points together add to the settled total: as they usually turn out, and at most."""

    usual = AmountField()
    most = AmountField()


class PointAddsSchema(AnswerPart):
    """What an open point alone adds to the settled total."""

    least = AmountField()
    usual = AmountField()
    most = AmountField()


class CarriedSchema(AnswerPart):
    """A figure of this year that stands in for one of the next; of a limit, the number in its own measure."""

    what = fields.String()
    subject = fields.String()
    low = fields.String()
    usual = fields.String()
    high = fields.String()
    says = fields.String()
    citation = cited_field()


class OpenPointSchema(AnswerPart):
    """Something not known yet, with what each answer costs and what to do about it.

    One that is `unpriced` adds what nobody knows yet; `carried` are the figures that stand in until then.
    """

    about = fields.String()
    subject = fields.String()
    adds = fields.Nested(PointAddsSchema)
    usual_says = fields.String()
    says = fields.String()
    question = fields.String()
    do = fields.String()
    citation = cited_field()
    unpriced = fields.Boolean()
    carried = fields.Nested(CarriedSchema, many=True)
    of_second = fields.Boolean()


class CrossingSchema(AnswerPart):
    """A visit at which the answer changes kind, such as the one that meets the deductible."""

    kind = fields.String()
    visit = fields.Integer()
    day = fields.Date()
    subject = fields.String()
    says = fields.String()


class ToldSchema(AnswerPart):
    """One answer of the plan, with what it does to the estimate."""

    on = fields.Date()
    source = fields.String()
    reference = fields.String(allow_none=True)
    representative = fields.String(allow_none=True)
    asks = fields.String()
    subject = fields.String()
    answer = fields.String()
    from_visit = fields.Integer(allow_none=True)
    family = AmountField(allow_none=True)
    effect = fields.Enum(Effect, by_value=fields.String)
    says = fields.String()
    of_second = fields.Boolean()


class AnswerSchema(AnswerPart):
    """The answer of the JSON contract; its steps sum to every total."""

    notices = fields.Nested(NoticeSchema, many=True)
    patient_owes = fields.Nested(AmountsSchema)
    settled = fields.Nested(AmountsSchema)
    open_total = fields.Nested(OpenTotalSchema)
    open_points = fields.Nested(OpenPointSchema, many=True)
    plan_pays = AmountField()
    provider_absorbs = AmountField()
    plan = fields.Nested(AnswerPlanSchema)
    visits = fields.Nested(VisitSchema, many=True)
    conditions = fields.Nested(ConditionSchema, many=True)
    questions = fields.Nested(QuestionSchema, many=True)
    assumptions = fields.Nested(AssumptionSchema, many=True)
    crossing_points = fields.Nested(CrossingSchema, many=True)
    summary = fields.String()
    reader = word_field(PATIENT, BILLER)
    told = fields.Nested(ToldSchema, many=True)
    # Text by name, but for `layers`: the id and fingerprint of each layer that the plan inherits from.
    inputs = fields.Dict(keys=fields.String(), values=fields.Raw())

    def dump(self, answer: Answer, *, many: bool | None = None) -> Json:
        """Return the answer as JSON values. A part that stands in it several times is written once."""
        del many  # marshmallow's word; there is one answer.
        return _written(answer, self, {})


def _written(part: Any, schema: Schema, so_far: dict[tuple[int, type[Schema]], tuple[Any, Json]]) -> Json:
    """Write a part by the fields of its schema, and what is nested in it.

    `so_far` are the parts by their identity, each kept beside what was written: no other one gets its identity.
    """
    key = id(part), type(schema)
    _, found = so_far.get(key, (None, None))
    if found is None:
        found = {}
        so_far[key] = part, found
        for name, field in schema.dump_fields.items():
            value = getattr(part, name)
            if isinstance(field, fields.Nested) and value is not None:
                inner = field.schema
                value = (
                    [_written(each, inner, so_far) for each in value] if field.many else _written(value, inner, so_far)
                )
            else:
                value = field._serialize(value, name, part)
            if value is not None or not _is_maybe(field):
                found[name] = value
    return found


_ANSWER, _STEP, _CITATION = AnswerSchema(), StepSchema(), CitationSchema()


def answer_json(answer: Answer) -> Json:
    """Return the answer as JSON values, in the order of the contract."""
    return dict(_ANSWER.dump(answer))


def step_json(step: AnswerStep) -> Json:
    """Return one reason as JSON values."""
    return dict(_STEP.dump(step))


def citation_json(citation: Citation | None) -> Json | None:
    """Return where a rule comes from as JSON values, None where nobody has to be cited."""
    cited = citation_of(citation)
    return None if cited is None else dict(_CITATION.dump(cited))


def read_citation(written: Mapping[str, Any] | None) -> AnswerCitation | None:
    """Read a citation of an answer back."""
    if written is None:
        return None
    read: AnswerCitation = _CITATION.load(written)
    return read


def citations_in(part: Any) -> Iterator[AnswerCitation]:
    """Yield every citation in JSON values, in their order."""
    if isinstance(part, Mapping):
        for name, inner in part.items():
            if name != "citation":
                yield from citations_in(inner)
            elif (citation := read_citation(inner)) is not None:
                yield citation
    elif isinstance(part, list | tuple):
        for inner in part:
            yield from citations_in(inner)
