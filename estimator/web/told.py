"""What a person told us, in words, for the answer page: only what was said, and the usual answers that we put in."""

from collections.abc import Iterator, Sequence

from estimator.web import choices
from estimator.web.figures import counted, long_day, usd
from estimator.web.my_plan import questions as my_plan
from estimator.web.questions import Answers

Fact = tuple[str, str]

_SUMS = (
    ("deductible_paid", "Deductible paid so far"),
    ("out_of_pocket_paid", "Out-of-pocket paid so far"),
    ("family_deductible_paid", "Deductible paid by the family"),
    ("family_out_of_pocket_paid", "Out-of-pocket paid by the family"),
    ("needling_price", "The clinic’s price for needling"),
)
_COUNTS = (
    ("visits_used", "Therapy visits used so far"),
    ("authorization_visits", "Visits approved"),
    ("diagnosis", "Diagnosis"),
    ("age", "Age"),
    ("symptom_weeks", "Weeks of symptoms"),
)
_YES_OR_NO = (
    ("authorization", "Visits approved by the plan"),
    ("referral", "Referral"),
    ("consent", "Paper signed that names needling and its price"),
    ("improving", "Getting better, by the record"),
)


def told(answers: Answers, plan_title: str) -> list[Fact]:
    """Return each thing that the estimate rests on, by name."""
    return [
        ("Plan", plan_title),
        *(my_plan.facts(answers) if answers["plan"] == choices.MY_PLAN else ()),
        ("ZIP code of the clinic", answers["zip"]),
        ("Visits", _course(answers)),
        ("At each visit", _care(answers)),
        ("Treated by", _provider(answers)),
        *_said(answers),
    ]


def usual_words(usual: Answers) -> dict[str, str]:
    """Return what each part of the form takes for granted while it stays shut."""
    return {
        "course": _pace(usual),
        "care": _care(usual),
        "provider": _provider(usual),
        "used": "nothing yet",
        "papers": "not said",
        "health": "not said",
        "prices": "none",
    }


def _course(answers: Answers) -> str:
    return f"{counted(int(answers['visits']), 'visit')}, {_pace(answers)}"


def _pace(answers: Answers) -> str:
    return f"{answers['per_week']} a week from {long_day(answers['first_day'])}"


def _care(answers: Answers) -> str:
    first = "an evaluation first" if answers["evaluation"] == "yes" else ""
    minutes = [
        f"{answers[field]} minutes of {words}"
        for field, words in (("exercise", "exercise"), ("manual", "manual therapy"))
        if answers[field] not in ("", "0")
    ]
    needling = (
        "" if answers["needling"] == "none" else f"dry needling of {_label(choices.NEEDLING, answers['needling'])}"
    )
    return ", ".join(part for part in (*minutes, needling.replace(" in a visit", ""), first) if part)


def _provider(answers: Answers) -> str:
    parts = [
        _label(choices.PROVIDERS, answers["provider"]).lower(),
        _label(choices.NETWORKS, answers["network"]).lower(),
        _label(choices.SETTINGS, answers["setting"]).lower(),
    ]
    if answers["experience"] != "standard":
        parts.append(_label(choices.EXPERIENCES, answers["experience"]).lower())
    return ", ".join(parts)


def _said(answers: Answers) -> Iterator[Fact]:
    for field, name in _SUMS:
        if answers[field]:
            yield name, usd(answers[field])
    for field, name in _COUNTS:
        if answers[field]:
            yield name, answers[field]
    for field, name in _YES_OR_NO:
        if answers[field] in ("yes", "no"):
            yield name, answers[field]


def _label(options: Sequence[choices.Option], value: str) -> str:
    return dict(options).get(value, value.replace("-", " "))
