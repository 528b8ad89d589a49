"""Sentences on what the typical figure takes as met, with the price of its failing."""

from __future__ import annotations

from estimator.engine.answer import Condition
from estimator.engine.values import Money
from estimator.language import N_, _
from estimator.wording.figures import counted, together, usd
from estimator.wording.telling import PATIENT, Telling, plain

# What would change it: for patients, for billers.
CONDITIONS = {
    "authorization": (
        N_("If your plan does not approve this in advance"),
        N_("If authorization is refused or missing (CARC 197)"),
    ),
    "referral": (N_("If there is no referral (a doctor's order)"), N_("If no referral is on file (CARC 288)")),
    "improvement": (
        N_("If your records do not show that you are getting better"),
        N_("If improvement is not documented"),
    ),
    "justification": (
        N_("If your provider does not explain in writing why you need more visits"),
        N_("If further visits are not justified in writing"),
    ),
    "consent": (
        N_("If you sign, before the visit, that you will pay for a service that your plan does not"),
        N_("If a service-specific consent is signed before the visit (the line turns from CO to PR)"),
    ),
    "told": (
        N_("If your plan does not stand by what it told you"),
        N_("If the payer does not stand by what it told"),
    ),
    "told-otherwise": (
        N_("If your plan does what it told you, and not what its documents say"),
        N_("If what the payer told holds over its documents"),
    ),
    "visits-left": (
        N_("If you have no visits left under your plan's limit"),
        N_("If the limit is already used up (PR-119)"),
    ),
}
_WITHOUT = N_("Without {needs}")


def condition_says(condition: Condition, telling: Telling) -> str:
    """Return what the condition is, where it holds, and what it would change for patient and clinic."""
    words = CONDITIONS.get(condition.needs, (_WITHOUT, _WITHOUT))
    unless = _(words[0] if telling.reader == PATIENT else words[1]).format(needs=plain(condition.needs))
    if telling.reader == PATIENT:
        changes = _changes(condition, unless) if condition.is_known else _is_not_known(condition, unless)
        return together(changes, _where(condition))
    amounts = _amounts(condition).format(
        condition=unless, patient=_signed(condition.difference), clinic=_signed(condition.clinic_difference)
    )
    who = _("Ask {administrator}.").format(administrator=condition.administrator) if condition.administrator else ""
    return together(amounts, _visits(condition), who)


def _amounts(condition: Condition) -> str:
    moves = bool(condition.difference or condition.clinic_difference)
    if condition.is_known:
        unchanged = _("{condition}: the typical figures do not change.")
        return _("{condition}: patient {patient}, write-off {clinic}.") if moves else unchanged
    unread = _("{condition}: consequence not read; check the contract.")
    return together(unread, _("If the patient is liable: patient {patient}, write-off {clinic}.") if moves else "")


def _is_not_known(condition: Condition, unless: str) -> str:
    unread = _("{condition}, we do not know who then pays.").format(condition=unless)
    more = _("You could owe {amount} more.").format(amount=usd(condition.difference))
    return together(unread, more if condition.difference > 0 else "")


def _changes(condition: Condition, unless: str) -> str:
    loses = condition.clinic_difference > 0
    if condition.difference > 0:
        words = (
            _("{condition}, you could owe {amount} more and the clinic would lose {lost}.")
            if loses
            else _("{condition}, you could owe {amount} more.")
        )
    elif condition.difference < 0:
        words = (
            _("{condition}, you would owe {amount} less and the clinic would lose {lost}.")
            if loses
            else _("{condition}, you would owe {amount} less.")
        )
    else:
        words = (
            _("{condition}, what you owe would not change and the clinic would lose {lost}.")
            if loses
            else _("{condition}, you would owe what we count already, and no less.")
        )
    amount, lost = usd(Money(abs(condition.difference))), usd(condition.clinic_difference)
    return words.format(condition=unless, amount=amount, lost=lost)


def _where(condition: Condition) -> str:
    if condition.visits <= 1:
        return _("This concerns visit {start}.").format(start=condition.from_visit)
    words = _("This concerns {visits}, from visit {start} on.")
    return words.format(visits=counted(condition.visits, "visit"), start=condition.from_visit)


def _visits(condition: Condition) -> str:
    if condition.visits <= 1:
        return _("Visit {start}.").format(start=condition.from_visit)
    words = _("{visits} from visit {start} on.")
    return words.format(visits=counted(condition.visits, "visit"), start=condition.from_visit)


def _signed(amount: Money) -> str:
    return f"{'+' if amount > 0 else ''}{usd(amount)}"
