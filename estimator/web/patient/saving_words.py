"""What the pages of saved estimates say."""

from collections.abc import Mapping

from estimator.language import N_, _

_WORDS: Mapping[str, str] = {
    "button": N_("Save and get a link"),
    "title": N_("Save this estimate"),
    "lead": N_("You get a link that shows this estimate again, as it is now, to whoever has it."),
    "kept": N_(
        "We keep what you answered (the ZIP code, the plan, the visits, and what you said of health and payments) and "
        "what it comes to. We keep no name, and not the reference number of a call."
    ),
    "time": N_(
        "All of it is deleted when its time is over, or when you delete it. Backups may hold it a little longer."
    ),
    "days": N_("Keep it for"),
    "save": N_("Save"),
    "back": N_("Back to the answer"),
    "saved": N_("Saved"),
    "link": N_("The link to your estimate"),
    "link_says": N_(
        "Write both down or copy them now: we cannot show them a second time. Whoever has the first one can see the "
        "estimate."
    ),
    "removal": N_("The link that deletes it"),
    "removal_says": N_("Keep the second one for yourself. Whoever has it can delete the estimate."),
    "remove_title": N_("Delete this saved estimate?"),
    "remove_says": N_("It is then gone for good, and its link shows nothing any more."),
    "remove": N_("Delete it"),
    "removed": N_("Deleted"),
    "removed_says": N_("The saved estimate is gone. Its link shows nothing any more."),
    "anew": N_("Estimate anew with today’s rules"),
    "kept_only": N_(
        "This program, or the prices it was given, changed since then and would give other figures. These are the "
        "saved ones."
    ),
    "visit": N_("Visit"),
    "day": N_("Day"),
    "owes": N_("You owe"),
}
# As many letters of a fingerprint as nobody confuses.
_SHOWN = 12
_FULL = N_("No more estimates can be saved today")
_FULL_SAYS = N_(
    "There is room for so many, and all of it is taken. Nothing of yours was kept. Go back and print this one, or try "
    "again in a few days."
)
_FOR_DAYS = N_("{days} days")
_SAVED_ON = N_("Saved on {saved}. It is kept until {until}.")
_RESTS_ON = N_("Plan revision {revision}; price books: {books}; program version {engine}.")
_SAME_TODAY = N_("By today’s rules it comes to the same.")
_OTHER_TODAY = N_("By today’s rules it would come to about {amount} (between {low} and {high}).")
_SURELY_TODAY = N_("By today’s rules it would come to {amount}.")
_NOT_TODAY = N_("By today’s rules it can no longer be estimated: the plan or its year has changed.")
_NONE = N_("none needed")


def save_words() -> dict[str, str]:
    """Return the sentences of these pages in the language that is spoken."""
    return {name: _(words) for name, words in _WORDS.items()}


def full_words() -> dict[str, str]:
    """Say that no more is kept, and what to do instead."""
    return {"heading": _(_FULL), "words": _(_FULL_SAYS)}


def for_days(days: int) -> str:
    """Return for how long."""
    return _(_FOR_DAYS).format(days=days)


def saved_on(saved: str, until: str) -> str:
    """Say when it was saved and until when it is kept."""
    return _(_SAVED_ON).format(saved=saved, until=until)


def rests_on(inputs: Mapping[str, str]) -> str:
    """Name what the saved figures rest on."""
    books = inputs["price_books"] or _(_NONE)
    plan, _at, fingerprint = inputs["plan"].partition("@")
    revision = f"{plan}@{fingerprint[:_SHOWN]}"
    return _(_RESTS_ON).format(revision=revision, books=books, engine=inputs["engine"])


def today_says(then: Mapping[str, str], now: Mapping[str, str] | None, written: Mapping[str, str]) -> str:
    """Say what today's rules would give; `written` are today's amounts as they are shown."""
    if now is None:
        return _(_NOT_TODAY)
    if then == now:
        return _(_SAME_TODAY)
    words = _SURELY_TODAY if now["low"] == now["high"] else _OTHER_TODAY
    return _(words).format(amount=written["typical"], low=written["low"], high=written["high"])
