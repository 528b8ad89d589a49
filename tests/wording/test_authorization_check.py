"""The check in words and in JSON: a sentence for every value, a source for every answer that has one."""

import json

import pytest
from click.testing import CliRunner

from estimator.billing.authorization_answer import VisitAuthorization
from estimator.cli.estimates import check as command
from estimator.engine.coding import Modifier, Use
from estimator.engine.coverage import Paper, Who
from estimator.wording.authorization import AUTHORIZATION_SAYS, PAPERS, WHO, check_text, check_written, modifier_says
from tests.billing.checks import asked, check

PLANS = (
    "original-medicare-2026",
    "uhc-ma-2026-authorization",
    "tricare-prime-2026",
    "wa-lni",
    "template-employer-hdhp-hsa",
    "example-authorization-first-visit",
    "self-pay",
)


@pytest.fixture(autouse=True)
def own_database(tmp_path, monkeypatch):
    """Answer from what ships."""
    for name in ("DATABASE_URL", "ESTIMATOR_CLINIC"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ESTIMATOR_DATA", str(tmp_path / "kept"))


@pytest.mark.parametrize("plan", PLANS)
def test_every_part_of_a_check_has_its_sentence(plan):
    """No name of the code shows where a sentence belongs, and the JSON can be written."""
    written = check_written(check(plan), {})

    assert written == json.loads(json.dumps(written))
    assert [] == [says for says in _sentences(written) if not says.strip() or "{" in says]


def test_every_person_paper_and_stage_has_words():
    """A new value without words is found here, not by a reader."""
    assert set(Who) == set(WHO)
    assert set(Paper) == set(PAPERS)
    assert set(VisitAuthorization) == set(AUTHORIZATION_SAYS)


def test_the_clinics_choice_and_the_open_one_are_told_apart():
    """One modifier is the clinic's setting; four are a choice that nobody made."""
    chosen = modifier_says(Modifier(("GY",), Use.CLINIC, "excluded"))
    nothing = modifier_says(Modifier(("GA", "GX", "GY", "GZ"), Use.CLINIC, "excluded"))

    assert chosen.endswith("the clinic's setting.")
    assert "has set none" in nothing


def test_the_text_tells_the_three_facts_apart_and_lists_its_sources():
    """With the day on which each was read."""
    text = check_text(check_written(check("original-medicare-2026"), {"20561": "Dry needling"}))

    assert "20561 Dry needling" in text
    for fact in ("Code valid: yes.", "Authorization needed: unknown.", "Payable: no."):
        assert fact in text
    assert "(read on November 23, 2026)" in text
    assert all(len(line) <= 100 or "https://" in line for line in text.splitlines())


def test_a_turnaround_that_is_not_known_is_said_so():
    """With what we count until it is."""
    [sending] = check_written(check("template-employer-ppo", used={"limits": {"therapy-visits": 12}}), {})["timeline"][
        "send"
    ]

    assert "Turnaround not known: ask; until then we count 5 business days (clinic setting)" in sending["says"]


def test_the_plans_rule_is_one_sentence_after_another_with_what_was_not_read():
    """Exempt codes, administrator, how to ask; the turnaround that nobody stated."""
    [rule] = check_written(check("uhc-ma-2026-authorization"), {})["rules"]

    for part in ("The first 6 visits within 56 days", "Exempt: 97161", "Turnaround: not read.", "A gap of 90 days"):
        assert part in rule["says"]
    assert "business days" in check_written(check("example-authorization-first-visit"), {})["rules"][0]["says"]


def test_what_the_timeline_takes_for_granted_is_told_and_prices_are_not():
    """An authorization is spent by the visits that need it."""
    written = check_written(
        check(
            "template-employer-ppo",
            course={"visits": 8},
            used={"limits": {"therapy-visits": 12}},
            authorization={"on_file": True, "visits": 2},
        ),
        {},
    )
    assumed = {each["assumes"] for each in written["assumptions"]}

    assert "grant-spent-by-needing-visits" in assumed
    assert "regional-price" not in assumed


def test_no_sentence_suggests_another_code():
    """97014 is not valid for Medicare; which code to write instead is not ours to say."""
    found = check("original-medicare-2026", course={"each_visit": [{"code": "97014", "allowed": "15.00"}]})

    assert "G0283" not in json.dumps(check_written(found, {}))


def test_the_command_prints_json_text_or_what_is_wrong(tmp_path):
    """Its settings come from a file, and mistakes end with exit status 2."""
    settings = tmp_path / "clinic.json"
    settings.write_text('{"modifier_excluded": "GY"}', "utf-8")
    request = json.dumps({"plan": "original-medicare-2026", **asked()})

    as_json = CliRunner().invoke(command, ["-", "--clinic", str(settings)], input=request)
    as_text = CliRunner().invoke(command, ["-", "--text"], input=request)
    refused = CliRunner().invoke(command, ["-"], input='{"plan": "no-such-plan", "course": {}}')

    assert ["GY"] == json.loads(as_json.stdout)["lines"][1]["spells"][0]["modifiers"][1]["codes"]
    assert "GA / GX / GY / GZ" in as_text.stdout
    assert (0, 0, 2) == (as_json.exit_code, as_text.exit_code, refused.exit_code)
    assert json.loads(refused.stderr)["problems"]


def _sentences(part):
    if isinstance(part, dict):
        for key, inner in part.items():
            if key.endswith("says"):
                yield inner
            else:
                yield from _sentences(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _sentences(inner)
