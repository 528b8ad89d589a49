"""The answer in a terminal: the law, then the number, every reason once, nothing wider than a page."""

import re
from dataclasses import replace
from datetime import date

import pytest

from estimator.engine.answer import Question, QuestionKind, Status, Step, VisitEstimate, Visits
from estimator.engine.findings import (
    AuthorizationMissing,
    CopayCharged,
    Finding,
    LimitPassed,
    MaximumReached,
    NotCovered,
    StateNotice,
)
from estimator.engine.values import Citation, Money, Source
from estimator.wording.answer import AnswerCitation, answer_of
from estimator.wording.text import DISCLAIMER, WIDTH, Sources, text_of
from estimator.wording.words import BILLER
from tests.wording.estimates import BOOKLET, ESTIMATE, NAMES, PLAN, exercise, run

WHOLE = """\
Before any price
- Washington lets physical therapists with the right training do dry needling. Ask about that
  training, and check the license with the state's board of physical therapy. [1]

You'd pay about $90 for 2 visits with Evergreen PPO. Range: $80–$140.

Visit by visit
  Visit  Day                    You'd pay  Range                              So far
      1  March 2, 2026             $50.00  $40.00 to $100.00                  $50.00
      2  March 9, 2026             $40.00                                     $90.00

On the way
- At visit 2, on March 9, 2026, you use the last of what your plan covers (30 visits a benefit
  year).

Why
Visit 1
- Therapeutic exercise (97110): Your plan covers this. Price about $100.00, you pay $10.00.
    $10.00 goes to your deductible, which you pay before your plan does. $500.00 of it was left
    before. [2]
    An estimate: about 122% of Medicare's price in Seattle. In the sources we have, plans pay 98% to
    188% of it, in other places and years. Your clinic's contract may differ. [1]
- Dry needling, 3 or more muscles (20561): Not covered: the clinic may not bill you. You pay $0.00.
    Evergreen counts this as investigational: it doesn't think that enough research supports it. The
    clinic may not bill you for it. [1]
- The visit: You pay your copay of $40.00 a visit. [2]
Visit 2
- Therapeutic exercise (97110): Your plan covers this. Price about $100.00, in the copay of the
  visit.
    An estimate: about 122% of Medicare's price in Seattle. In the sources we have, plans pay 98% to
    188% of it, in other places and years. Your clinic's contract may differ. [1]
- Dry needling, 3 or more muscles (20561): Not covered: the clinic may not bill you. You pay $0.00.
    Evergreen counts this as investigational: it doesn't think that enough research supports it. The
    clinic may not bill you for it. [1]
- The visit: You pay your copay of $40.00 a visit. [2]

What could change it
- If there is no referral (a doctor's order), you could pay $120.00 more. This concerns 2 visits,
  from visit 1 on. [1]

What to ask
- Ask Evergreen: “Can my provider bill 20561 (dry needling, 3 or more muscles) under my plan? Does
  it need approval in advance? And do you pay for it?” Ask all three: a yes to one doesn't mean yes
  to the rest.

What we assumed
- We don't know your plan's prices with the clinic, so we estimate them from your area.

Sources
[1] Evidence of Coverage 2026, p. 41, https://example.org/eoc.pdf (read on November 20, 2026)
[2] Evidence of Coverage 2026, p. 12, https://example.org/eoc.pdf (read on November 20, 2026)

Estimates are information, not advice or a promise.
"""


def test_the_whole_answer_reads_like_this() -> None:
    """Changed words are seen here, in full."""
    assert WHOLE == text_of(answer_of(ESTIMATE, PLAN, NAMES))


def test_visits_that_go_alike_are_told_once() -> None:
    """A long course has a short reason."""
    long = replace(
        ESTIMATE,
        low=run(ESTIMATE.low.level, 4000, visits=30),
        typical=run(ESTIMATE.typical.level, 4000, visits=30),
        high=run(ESTIMATE.high.level, 4000, visits=30),
    )
    long = replace(long, settled=(long.low, long.typical, long.high))

    text = text_of(answer_of(long, PLAN, NAMES))

    assert "Visits 1 to 30\n" in text
    assert 1 == text.count("You pay your copay")


def test_no_line_is_wider_than_the_page() -> None:
    """Not even with a long title of a source; an address is the one thing that is not broken."""
    title = "A long title of a booklet of benefits " * 5
    source = Source(title, BOOKLET.url, BOOKLET.read_on, "low")
    question = Question(QuestionKind.POLICY_ASK, "Does this clinic have a contract? " * 8, Citation(source, "p. 1"))

    text = text_of(answer_of(replace(ESTIMATE, questions=(question,)), PLAN, NAMES))

    assert WIDTH >= max(map(len, text.splitlines()))
    assert "confidence low" in text


def test_the_disclaimer_stands_once() -> None:
    """At the end."""
    text = text_of(answer_of(ESTIMATE, PLAN, NAMES))

    assert 1 == text.count(DISCLAIMER)
    assert text.endswith(f"\n\n{DISCLAIMER}\n")


@pytest.mark.parametrize("status", ["permitted", "prohibited", "awaiting-rules", "silent"])
def test_state_law_comes_before_any_amount(status: str) -> None:
    """Anyone who may not be needled at all need not read a price first."""
    notice = Step(StateNotice("CA", "California", status), Money(0), None)

    text = text_of(answer_of(replace(ESTIMATE, notices=(notice,)), PLAN, NAMES))

    assert text.startswith("Before any price\n")
    assert text.index("California") < text.index("$")


def test_billers_read_of_the_patient() -> None:
    """In the table, of the lines and in the summary; the words for prices are those of a remittance."""
    text = text_of(answer_of(ESTIMATE, PLAN, NAMES, BILLER))

    assert "Patient owes" in text
    assert "Allowed about $100.00, patient owes $10.00." in text
    assert "Allowed about $100.00, in the visit’s copay." in text
    assert "2 visits: patient $90.00" in text
    assert not re.search(r"\byou\b|\byour\b", text, re.IGNORECASE)


def unpaid(finding: Finding, owes: int) -> str:
    """Write the first line of a visit that is not paid: its contract price is $100.00, the clinic asks $120.00."""
    step = Step(finding, Money(owes), None)
    line = exercise(0)._replace(status=Status.PATIENT_BILLED, steps=(step,))
    visit = VisitEstimate(1, date(2026, 3, 2), "in-network", (line,), ())
    past = {level: replace(getattr(ESTIMATE, level), visits=Visits([visit])) for level in ("low", "typical", "high")}
    settled = tuple(past.values())
    text = text_of(answer_of(replace(ESTIMATE, **past, settled=settled), PLAN, NAMES))
    return next(each for each in text.splitlines() if each.startswith("- Therapeutic exercise"))


def test_past_a_limit_or_without_a_referral_the_contract_price_counts_in_network() -> None:
    """Outside the network the clinic asks what it likes, and so it does for what no contract covers."""
    for unmet in (LimitPassed("therapy-visits", "visits", 30), AuthorizationMissing("referral", "patient-pays")):
        assert "Contract price about $100.00" in unpaid(unmet, 10000)
        assert "The clinic asks about $120.00" in unpaid(unmet, 12000)
    assert "The clinic asks about $120.00" in unpaid(NotCovered("excluded", "needling"), 10000)


def test_visits_that_cost_nothing_stand_apart_from_those_that_go_alike() -> None:
    """Their amounts are not told by the one that reaches the yearly maximum."""
    copay, reached = CopayCharged(Money(6000), "visit"), MaximumReached(Money(900000))
    steps = [(Step(copay, Money(6000), None), Step(reached, Money(-relief), None)) for relief in (2000, 6000, 6000)]
    visits = Visits(
        VisitEstimate(number, date(2026, 3, number), "in-network", (exercise(0)._replace(steps=each),), ())
        for number, each in enumerate(steps, start=1)
    )
    whole = replace(ESTIMATE.typical, visits=visits)
    text = text_of(
        answer_of(replace(ESTIMATE, low=whole, typical=whole, high=whole, settled=(whole,) * 3), PLAN, NAMES)
    )

    assert ["Visit 1", "Visits 2 to 3"] == [line for line in text.splitlines() if re.match(r"Visits? \d", line)]


def test_what_the_request_gave_is_named_as_that() -> None:
    """Nobody read it on a day, and nobody trusts it more or less."""
    citation = Citation(Source("The plan as given in the request", "", date(2026, 1, 2), "given"))
    question = Question(QuestionKind.DEDUCTIBLE, "", citation)

    text = text_of(answer_of(replace(ESTIMATE, questions=(question,)), PLAN, NAMES))

    assert "] The plan as given in the request\n" in text


def test_a_source_read_more_than_a_year_ago_is_marked() -> None:
    """A year to the day is not yet more than a year."""
    cited = AnswerCitation("A booklet", "", "p. 1", date(2025, 11, 23), "high", None, None)
    year_later, day_more = Sources(date(2026, 11, 23)), Sources(date(2026, 11, 24))
    year_later.numbered("A rule.", cited)
    day_more.numbered("A rule.", cited)

    assert ["[1] A booklet, p. 1 (read on November 23, 2025)"] == list(year_later.listed())
    assert ["[1] A booklet, p. 1 (read on November 23, 2025, more than a year ago)"] == list(day_more.listed())
