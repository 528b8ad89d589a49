"""Drafts of plans, two people at once, publishing, and the way back; on both engines."""

from datetime import date

import pytest
from sqlalchemy import Engine

from estimator.accounts.accounts import add_account
from estimator.accounts.audit import Sought, find_entries, read_log
from estimator.accounts.roles import Role
from estimator.db.connection import reading
from estimator.errors import ConflictingDraft, ConflictingRevision, EditRefused, PlanFileRefused, UnknownDraft
from estimator.plans.folder import Library
from estimator.plans.shelf import Draft, Shelf
from estimator.plans.store import PlanDraft
from estimator.plans.text import yaml_of
from estimator.publishing.drafts import (
    Signed,
    delete_draft,
    draft_of,
    drafts_of,
    plan_history,
    publish_draft,
    publish_text,
    published_lately,
    rebase_draft,
    roll_back,
    save_draft,
    start_copy,
    start_draft,
    start_text,
    start_year,
)
from estimator.publishing.publish import Occasion
from tests.db.sample import CATALOGUE, definition, published

DAY = date(2026, 1, 1)
ANA, BEN = Signed("ana", "Booklet of July, p. 12"), Signed("ben", "A call")
TEXT = f"# From the booklet.\n{yaml_of(definition())}"


def publish(engine: Engine, plans: Library, text: str = TEXT, based_on: int | None = None, by: Signed = ANA) -> int:
    return publish_text(engine, text, "evergreen.yaml", based_on, by, plans).revision_id


def copay(engine: Engine) -> str:
    share = Shelf(engine).find("evergreen", DAY).benefits[0].cost_share["in-network"]
    return str(getattr(share, "copay", None))


def saved(engine: Engine, draft: PlanDraft, old: str, new: str, by: str = "ana") -> PlanDraft:
    return save_draft(engine, draft.id, draft.version, draft.text.replace(old, new), by)


def test_a_draft_changes_no_answer_until_it_is_published(database: Engine, plans: Library) -> None:
    """And then it is gone, with its comments in the revision."""
    first = publish(database, plans)
    draft = saved(database, start_draft(database, first, "ana"), "40.00", "45.00")
    before = copay(database)
    done = publish_draft(database, draft, ANA, plans)
    newest, _ = Shelf(database).history("evergreen")

    assert ("40.00", "45.00") == (before, copay(database))
    assert (first, "published", "ana") == (done.replaced, done.did, done.published_by)
    assert newest.definition.startswith("# From the booklet.")
    with pytest.raises(UnknownDraft):
        draft_of(database, draft.id)


def test_two_who_save_the_same_draft_lose_nothing(database: Engine, plans: Library) -> None:
    """The second is refused and told who was first; what the first wrote stands."""
    draft = start_draft(database, publish(database, plans), "ana")
    first = saved(database, draft, "40.00", "45.00", "ana")
    with pytest.raises(ConflictingDraft) as refusal:
        saved(database, draft, "40.00", "50.00", "ben")

    assert (draft.version, first.version, "ana") == (refusal.value.seen, refusal.value.last, refusal.value.saved_by)
    assert "45.00" in draft_of(database, draft.id).text


def test_a_draft_that_was_saved_since_is_not_published(database: Engine, plans: Library) -> None:
    """What is published is what was seen."""
    draft = start_draft(database, publish(database, plans), "ana")
    seen = saved(database, draft, "40.00", "45.00")
    saved(database, seen, "45.00", "99.00", "ben")
    with pytest.raises(ConflictingDraft):
        publish_draft(database, seen, ANA, plans)

    assert "40.00" == copay(database)


def test_of_two_drafts_of_one_revision_the_second_is_refused_and_can_be_put_on_the_first(
    database: Engine, plans: Library
) -> None:
    """Both changes stand in the end."""
    first = publish(database, plans)
    one = saved(database, start_draft(database, first, "ana"), "40.00", "45.00")
    other = saved(database, start_draft(database, first, "ben"), "Evergreen Silver", "Evergreen Silver Plus", "ben")
    now = publish_draft(database, one, ANA, plans).revision_id
    with pytest.raises(ConflictingRevision) as refusal:
        publish_draft(database, other, BEN, plans)
    kept, clashes = rebase_draft(database, other.id, other.version, "ben")
    publish_draft(database, kept, BEN, plans)

    assert (first, now) == (refusal.value.based_on, refusal.value.active)
    assert 0 == clashes
    assert ("45.00", "Evergreen Silver Plus") == (copay(database), Shelf(database).find("evergreen", DAY).title)


def test_changes_of_the_same_line_stand_side_by_side(database: Engine, plans: Library) -> None:
    """Nobody's is chosen, and the text cannot be published until somebody does."""
    first = publish(database, plans)
    one = saved(database, start_draft(database, first, "ana"), "40.00", "45.00")
    other = saved(database, start_draft(database, first, "ben"), "40.00", "50.00", "ben")
    publish_draft(database, one, ANA, plans)
    kept, clashes = rebase_draft(database, other.id, other.version, "ben")

    assert 1 == clashes
    assert "45.00" in kept.text
    assert "50.00" in kept.text
    with pytest.raises(PlanFileRefused):
        publish_draft(database, kept, BEN, plans)


def test_every_mistake_is_told_at_once_with_its_line(database: Engine, plans: Library) -> None:
    """And nothing is published."""
    text = yaml_of(definition()).replace("40.00", "many").replace("calendar", "sometimes")
    with pytest.raises(PlanFileRefused) as refusal:
        publish(database, plans, text)
    lines = text.splitlines()
    told = [lines[(problem.line or 0) - 1] for problem in refusal.value.problems]

    assert [True, True] == ["sometimes" in told[0], "many" in told[1]]
    assert () == Shelf(database).history("evergreen")


def test_an_example_that_fails_stops_publishing(database: Engine, plans: Library) -> None:
    """It is told with its line, as any other mistake."""
    given = {"visits": {"count": "2", "services": ["97110"], "allowed": "100.00"}}
    examples = [{"name": "Two visits", "given": given, "expect": {"patient_owes": "81.00"}}]
    text = yaml_of(definition(examples=examples))
    with pytest.raises(PlanFileRefused, match=r"80\.00") as refusal:
        publish(database, plans, text)

    assert "Two visits" in text.splitlines()[(refusal.value.problems[0].line or 0) - 1]
    assert publish(database, plans, text.replace("81.00", "80.00"))


def test_rolling_back_answers_as_before_and_keeps_the_reason(database: Engine, plans: Library) -> None:
    """To the cent, under the very same revision."""
    first = publish(database, plans)
    second = publish(database, plans, TEXT.replace("40.00", "45.00"), first, BEN)
    done = roll_back(database, "evergreen", first, Signed("ana", "Misread"), seen=second)
    _, moves, active = plan_history(database, "evergreen")

    assert ("40.00", {DAY: first}) == (copay(database), active)
    assert (second, "rolled-back", "Misread") == (done.replaced, done.did, done.note)
    assert ["rolled-back", "published", "published"] == [one.did for one in moves]
    assert [("rolled-back", 1), ("published", 1), ("published", 1)] == [
        (one.did, one.plans) for one in published_lately(database)
    ]


def test_rolling_back_from_what_is_no_longer_active_is_refused(database: Engine, plans: Library) -> None:
    """As is a revision that there is not, and the one that is active."""
    first = publish(database, plans)
    second = publish(database, plans, TEXT.replace("40.00", "45.00"), first)
    with pytest.raises(ConflictingRevision):
        roll_back(database, "evergreen", first, ANA, seen=first)
    with pytest.raises(EditRefused, match="no revision 99"):
        roll_back(database, "evergreen", 99, ANA)
    with pytest.raises(EditRefused, match="active one already"):
        roll_back(database, "evergreen", second, ANA)


def test_a_name_and_a_reason_are_asked_for(database: Engine, plans: Library) -> None:
    """Both at once."""
    with pytest.raises(EditRefused) as refusal:
        publish(database, plans, by=Signed(" ", ""))

    assert ["by", "note"] == [problem.path for problem in refusal.value.problems]


def test_a_text_that_changes_no_rule_is_told(database: Engine, plans: Library) -> None:
    """Comments make no revision, and the draft stays."""
    first = publish(database, plans)
    draft = saved(database, start_draft(database, first, "ana"), "booklet", "other booklet")
    with pytest.raises(EditRefused, match="make no revision"):
        publish_draft(database, draft, ANA, plans)

    assert [draft.id] == [one.id for one in drafts_of(database, "evergreen")]
    delete_draft(database, draft.id)
    assert [] == drafts_of(database)


def test_a_copy_has_an_id_of_its_own(database: Engine, plans: Library) -> None:
    """A template becomes a plan that is sold; an id that is in use is refused."""
    published(database, [Draft(definition(kind="template"))])
    draft = start_copy(database, 1, "evergreen-ours", "ana")
    done = publish_draft(database, draft, ANA, plans)

    assert ("evergreen-ours", None, None) == (done.plan_id, done.replaced, draft.based_on)
    assert "published" == Shelf(database).history("evergreen-ours")[0].kind
    with pytest.raises(EditRefused, match="already"):
        start_copy(database, 1, "evergreen-ours", "ana")


@pytest.mark.parametrize("written", ["", "Alder PPO", "alder/ppo", "-"])
def test_a_copy_needs_an_id(database: Engine, written: str) -> None:
    """An empty field begins no plan without a name."""
    published(database, [Draft(definition(kind="template"))])

    with pytest.raises(EditRefused, match="joined by dashes"):
        start_copy(database, 1, written, "ana")
    assert [] == drafts_of(database)


def test_a_draft_for_another_year_has_no_base(database: Engine, plans: Library) -> None:
    """It stands beside this year's plan, which goes on to answer for its days."""
    draft = start_draft(database, publish(database, plans), "ana")
    draft = saved(database, draft, "2026-01-01, last_day: 2026-12-31", "2027-01-01, last_day: 2027-12-31")
    publish_draft(database, draft, ANA, plans)

    assert (date(2027, 1, 1), None) == (draft.first_day, draft.based_on)
    assert DAY == Shelf(database).find("evergreen", DAY).in_force.first_day


def test_what_was_published_by_hand_outlasts_every_import(database: Engine, plans: Library) -> None:
    """Also one that would write over what another name published."""
    published(database, [Draft(definition())], CATALOGUE)
    publish(database, plans, TEXT.replace("40.00", "45.00"), 1)
    told = published(database, [Draft(definition(copay="50.00"))], Occasion("marketplace 2026", is_checked=True))

    assert 1 == told.left
    assert "45.00" == copay(database)


def test_the_log_holds_who_published_what(database: Engine, plans: Library) -> None:
    """The plan and the fingerprint of its revision, in the transaction that published it."""
    publish(database, plans)
    [revision] = Shelf(database).history("evergreen")
    with reading(database) as connection:
        [entry] = find_entries(connection, Sought())

    assert ("plan-published", f"evergreen@{revision.fingerprint}") == (entry.did, entry.subject)


def test_a_stale_page_saves_over_no_other_draft(database: Engine, plans: Library) -> None:
    """The first version of a draft is not that of the draft before it, nor can it be guessed."""
    revision = publish(database, plans)
    gone = start_draft(database, revision, "ana")
    delete_draft(database, gone.id)
    other = start_draft(database, revision, "ben")
    saved_again = save_draft(database, other.id, other.version, other.text, "ben")

    assert 3 == len({gone.version, other.version, saved_again.version})
    for number in (gone.id, other.id):
        with pytest.raises((ConflictingDraft, UnknownDraft)):
            save_draft(database, number, gone.version, "mine", "ana")


def test_what_is_done_to_a_draft_is_in_the_log(database: Engine, plans: Library) -> None:
    """Who, what and when; not its text."""
    ana = add_account(database, "ana", Role.RULES, "four blue herons").id
    draft = start_draft(database, publish(database, plans), "ana", ana)
    kept = save_draft(database, draft.id, draft.version, draft.text, "ana", account=ana)
    rebase_draft(database, draft.id, kept.version, "ana", ana)
    delete_draft(database, draft.id, ana)
    entries = [one for one in read_log(database, Sought()).entries if one.did.startswith("draft-")]

    assert ["draft-deleted", "draft-rebased", "draft-saved", "draft-started"] == [one.did for one in entries]
    assert {("ana", f"{draft.plan_id} draft {draft.id}")} == {(one.by, one.subject) for one in entries}


def test_however_a_draft_is_started_the_log_says_so(database: Engine, plans: Library) -> None:
    """From a revision of the plan, as a copy, from a text of its own, and for another year."""
    ana = add_account(database, "ana", Role.RULES, "four blue herons").id
    revision = publish(database, plans)
    started = [
        start_draft(database, revision, "ana", ana),
        start_copy(database, revision, "alder-copy", "ana", ana),
        start_text(database, TEXT.replace("plan: evergreen", "plan: alder-own"), "ana", ana),
        start_year(database, TEXT, ("evergreen", date(2027, 1, 1)), "ana", ana),
    ]
    entries = [one for one in read_log(database, Sought()).entries if one.did == "draft-started"]

    assert [f"{draft.plan_id} draft {draft.id}" for draft in reversed(started)] == [one.subject for one in entries]
    assert {"ana"} == {one.by for one in entries}
