"""What a person told us, in words, for the answer page: only what was said, and the usual answers that we put in."""

from collections.abc import Iterator, Sequence

from estimator.language import N_, _
from estimator.web.patient import choices
from estimator.web.patient import my_plan_questions as my_plan
from estimator.web.patient.questions import Answers
from estimator.wording.words import counted, page_day, page_usd, plain

Fact = tuple[str, str]

_SUMS = (
    ("deductible_paid", N_("Deductible paid so far")),
    ("out_of_pocket_paid", N_("Out-of-pocket paid so far")),
    ("family_deductible_paid", N_("Deductible paid by the family")),
    ("family_out_of_pocket_paid", N_("Out-of-pocket paid by the family")),
    ("needling_price", N_("The clinic’s price for needling")),
)
_COUNTS = (
    ("visits_used", N_("Therapy visits used so far")),
    ("authorization_visits", N_("Visits approved")),
    ("diagnosis", N_("Diagnosis")),
    ("age", N_("Age")),
    ("symptom_weeks", N_("Weeks of symptoms")),
)
_YES_OR_NO = (
    ("authorization", N_("Visits approved by the plan")),
    ("referral", N_("Referral")),
    ("consent", N_("Paper signed that names needling and its price")),
    ("improving", N_("Getting better, by the record")),
)
_SAID = {"yes": N_("yes"), "no": N_("no")}
_MINUTES = (
    ("exercise", N_("{minutes} minutes of exercise")),
    ("manual", N_("{minutes} minutes of manual therapy")),
)
_NEEDLED = {
    "20561": N_("dry needling of 3 or more muscles"),
    "20560": N_("dry needling of 1 or 2 muscles"),
}


def told(answers: Answers, plan_title: str) -> list[Fact]:
    """Return each thing that the estimate rests on, by name."""
    return [
        (_("Plan"), plan_title),
        *(my_plan.facts(answers) if answers["plan"] == choices.MY_PLAN else ()),
        (_("ZIP code of the clinic"), answers["zip"]),
        (_("Visits"), _course(answers)),
        (_("At each visit"), _care(answers)),
        (_("Treated by"), _provider(answers)),
        *_said(answers),
    ]


def usual_words(usual: Answers) -> dict[str, str]:
    """Return what each part of the form takes for granted while it stays shut."""
    return {
        "course": _pace(usual),
        "care": _care(usual),
        "provider": _provider(usual),
        "used": _("nothing yet"),
        "papers": _("not said"),
        "health": _("not said"),
        "prices": _("none"),
    }


def _course(answers: Answers) -> str:
    return f"{counted(int(answers['visits']), 'visit')}, {_pace(answers)}"


def _pace(answers: Answers) -> str:
    says = _("{number} a week from {day}")
    return says.format(number=answers["per_week"], day=page_day(answers["first_day"]))


def _care(answers: Answers) -> str:
    minutes = [_(words).format(minutes=answers[field]) for field, words in _MINUTES if answers[field] not in ("", "0")]
    needled = _NEEDLED.get(answers["needling"])
    needling = _(needled) if needled else ""
    first = _("an evaluation first") if answers["evaluation"] == "yes" else ""
    return ", ".join(part for part in (*minutes, needling, first) if part)


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
            yield _(name), page_usd(answers[field])
    for field, name in _COUNTS:
        if answers[field]:
            yield _(name), answers[field]
    for field, name in _YES_OR_NO:
        if answers[field] in _SAID:
            yield _(name), _(_SAID[answers[field]])


def _label(options: Sequence[choices.Option], value: str) -> str:
    known = dict(options)
    return _(known[value]) if value in known else plain(value)
