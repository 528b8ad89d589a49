"""The schema of the answer writes what the answer holds, key by key, and leaves nothing out."""

from dataclasses import fields

import pytest

from estimator.wording import answer, answer_schema
from estimator.wording.answer_schema import citation_json, citations_in, read_citation
from estimator.wording.told import AnswerTold
from tests.wording.estimates import ESTIMATE, NAMES, PLAN

PAIRS = [
    (answer.Answer, answer_schema.AnswerSchema),
    (answer.AnswerAccumulators, answer_schema.AccumulatorsSchema),
    (answer.AnswerAssumption, answer_schema.AssumptionSchema),
    (answer.AnswerBalance, answer_schema.BalanceSchema),
    (answer.AnswerCitation, answer_schema.CitationSchema),
    (answer.AnswerCondition, answer_schema.ConditionSchema),
    (answer.AnswerCrossing, answer_schema.CrossingSchema),
    (answer.AnswerLimit, answer_schema.LimitSchema),
    (answer.AnswerLine, answer_schema.LineSchema),
    (answer.AnswerNote, answer_schema.NoteSchema),
    (answer.AnswerPoint, answer_schema.OpenPointSchema),
    (answer.AnswerPlan, answer_schema.AnswerPlanSchema),
    (answer.AnswerQuestion, answer_schema.QuestionSchema),
    (answer.AnswerReason, answer_schema.PriceSchema),
    (answer.AnswerStep, answer_schema.StepSchema),
    (answer.AnswerVisit, answer_schema.VisitSchema),
    (AnswerTold, answer_schema.ToldSchema),
]


# The visits as they are settled: the contract has what is settled of each visit, and the reasons of the typical run.
# What a point is called and why it is open: the contract has the sentence that is made of both. Whether a clinic may
# bill without a paper: the front page words its two ends by it, and the contract has them as a sentence.
ONLY_ON_PAGES = {answer.Answer: ("settled_visits",), answer.AnswerPoint: ("name", "why", "may_bill_unsigned")}


@pytest.mark.parametrize(("kind", "schema"), PAIRS, ids=lambda kind: kind.__name__)
def test_a_part_of_the_answer_is_written_whole(kind, schema):
    """A field that is added to one of the two belongs into the other, in the same place."""
    named = [field.name for field in fields(kind) if field.name not in ONLY_ON_PAGES.get(kind, ())]

    assert named == list(schema().fields)


def test_a_notice_has_the_keys_of_a_price():
    """It has them in the order in which the contract has always had them."""
    assert ["finding", "says", "citation", "numbers"] == list(answer_schema.NoticeSchema().fields)


def test_a_citation_is_read_back_as_it_was_written():
    """The text of a check is made of its JSON, and lists its sources."""
    written = answer.answer_of(ESTIMATE, PLAN, NAMES)
    cited = list(written.citations)

    assert cited
    assert set(citations_in(answer_schema.answer_json(written))) == set(cited)


def test_nothing_is_cited_where_nobody_has_to_be():
    """Null comes back as none."""
    assert (None, None) == (citation_json(None), read_citation(None))
