"""The sentence of any finding, for either reader: cover, prices and notices here, money in `money_findings`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import date
from typing import Any, assert_never, get_args

from estimator.engine.accumulators import NO_END
from estimator.engine.findings import (
    Bundled,
    BundledByPolicy,
    BundledInRate,
    CoverUnknown,
    DiagnosisInvalid,
    Finding,
    NetworkNotCovered,
    NotCovered,
    NotInBenefits,
    NotInScope,
    PolicyOverPlan,
    PriceCash,
    PriceContracted,
    PriceContractedPercent,
    PriceGiven,
    PriceList,
    PriceMarket,
    PriceMedicare,
    PriceRate,
    PriceRegional,
    SelfPay,
    StateNotice,
    TherapistEvaluates,
    UnitsCorrected,
)
from estimator.engine.values import WHOLE, Money, Rate
from estimator.language import N_, _
from estimator.wording.money_findings import (
    Bounds,
    Charges,
    bounds_for_biller,
    bounds_for_patient,
    charge_for_biller,
    charge_for_patient,
)
from estimator.wording.words import (
    PATIENT,
    Telling,
    counted,
    in_the_network,
    listed,
    long_day,
    place,
    plain,
    sentence,
    together,
    usd,
)

# ----------------------------------------------------------------------------
# Sentences on whether a line is payable at all: state law, bundling, policies, benefits and networks.
# ----------------------------------------------------------------------------

Cover = (
    NotInScope
    | Bundled
    | BundledByPolicy
    | BundledInRate
    | NotCovered
    | NotInBenefits
    | NetworkNotCovered
    | CoverUnknown
    | SelfPay
)

_WHY_NOT = {
    "investigational": N_("{payer} counts this as investigational: it doesn't think that enough research supports it."),
    "not-medically-necessary": N_("{payer} doesn't count this as medically necessary."),
    "excluded": N_("{payer} doesn't cover this."),
    "bundled": N_("{payer} pays nothing for this beside the other services."),
    "covered-in-therapy": N_("{payer} pays for this only beside other therapy in the same visit."),
    "covered": N_("{payer} pays for this only in a therapy visit that it covers."),
    "not-valid-for-medicare": N_("{payer} doesn't take this code."),
    "not-covered": N_("{payer} doesn't pay for this."),
    "carrier-priced": N_("{payer} has no set price for this."),
    "not-in-this-setting": N_("{payer} doesn't pay for this in a hospital."),
    "not-paid": N_("{payer} doesn't pay for this."),
}
_FOR_ANOTHER_REASON = N_("{payer} doesn't pay for this (its word: {position}).")
_PARTING = "59 or X{EPSU}"
_REASON_CODES = {
    "investigational": N_("55 (or 50)"),
    "not-medically-necessary": "50",
    "excluded": N_("96 or 204"),
    "bundled": "97",
    "covered-in-therapy": N_("107 or 97"),
    "covered": "204",
    "not-valid-for-medicare": N_("181 or 96"),
    "not-in-this-setting": "58",
}


def cover_for_patient(finding: Cover, owes: Money, telling: Telling) -> str:
    """Return the sentence for a patient."""
    match finding:
        case NotInScope():
            return _not_in_scope(finding.status)
        case Bundled(into, rule):
            return together(_part_of(into, rule, telling), _no_charge(owes))
        case BundledByPolicy():
            words = _("{payer} pays nothing extra for this: it counts as part of the visit.")
            return together(words.format(payer=telling.payer), _no_charge(owes))
        case BundledInRate("case-rate"):
            return _("One price covers the whole course, this service too.")
        case BundledInRate():
            return _("One price covers the whole visit, this service too.")
        case NotCovered(position, _, whole_visit, may_agree):
            who = _if_agreed(owes) if may_agree else _who_pays(owes)
            return together(_not_covered(position, telling, whole_visit), who)
        case NotInBenefits():
            return together(_("Your plan doesn't list this service among those it pays for."), _who_pays(owes))
        case NetworkNotCovered(network):
            words = _("Your plan pays nothing for this {in_network}.")
            return together(words.format(in_network=in_the_network(network)), _who_pays(owes))
        case CoverUnknown():
            words = _("We don't know whether your plan pays for this. Ask {payer} first.")
            return together(words.format(payer=telling.payer), _if_not(owes))
        case SelfPay():
            return _("No plan pays a part of this, so you pay all of it.")
        case _:
            assert_never(finding)


def cover_for_biller(finding: Cover, owes: Money, telling: Telling) -> str:
    """Return the sentence for billing staff, with the likely claim adjustment reason code."""
    group = "PR" if owes > 0 else "CO"
    match finding:
        case NotInScope(state, status):
            words = _("Outside the provider's scope of practice in {state} ({status}): do not bill, do not perform.")
            return words.format(state=state, status=plain(status))
        case Bundled(into, rule, modifier_allowed):
            return _bundled(into, rule, modifier_allowed)
        case BundledByPolicy(policy):
            words = _("{group}-97: policy {policy} pays nothing separately; do not bill the patient in network.")
            return words.format(group=group, policy=policy)
        case BundledInRate(basis):
            return _("CO-97: included in the {basis} rate carried by another line.").format(basis=plain(basis))
        case NotCovered(position, policy, whole_visit, _):
            sole = _("Sole service: the whole visit is denied.") if whole_visit else ""
            code = _(_REASON_CODES.get(position, "96"))
            return together(f"{group}-{code}: {plain(position)} ({policy}).", sole, _liable(owes))
        case NotInBenefits():
            words = _("{group}-204: no benefit of the plan lists the code.").format(group=group)
            return together(words, _liable(owes))
        case NetworkNotCovered(network):
            words = _("{group}-242: no benefits in tier {network}.").format(group=group, network=network)
            return together(words, _liable(owes))
        case CoverUnknown(subject):
            words = _("Coverage unknown ({subject} not read): verify code, authorization and payment separately.")
            return words.format(subject=plain(subject))
        case SelfPay():
            return _("Self-pay: no claim. A Good Faith Estimate is due.")
        case _:
            assert_never(finding)


def _not_in_scope(status: str) -> str:
    if status == "awaiting-rules":
        return _(
            "The state has passed a law on dry needling, but its rules aren't in force yet, "
            "so this provider may not do it."
        )
    return _("State law doesn't let this kind of provider do dry needling.")


def _not_covered(position: str, telling: Telling, whole_visit: bool) -> str:
    words = _(_WHY_NOT.get(position, _FOR_ANOTHER_REASON)).format(payer=telling.payer, position=plain(position))
    alone = _("As nothing else is done in this visit, it doesn't pay for the visit.")
    return together(words, alone if whole_visit else "")


def _you_pay(owes: Money) -> str:
    return _("You pay {amount}.").format(amount=usd(owes))


def _who_pays(owes: Money) -> str:
    return _you_pay(owes) if owes > 0 else _("The clinic may not bill you for it.")


def _if_agreed(owes: Money) -> str:
    if owes > 0:
        return _("You'd pay {amount}, if you agree to it before the visit.").format(amount=usd(owes))
    return _("The clinic may charge you only if you agree to it before the visit.")


def _no_charge(owes: Money) -> str:
    return _you_pay(owes) if owes > 0 else _("You pay nothing for it.")


def _if_not(owes: Money) -> str:
    words = _("If it doesn't, you could pay about {amount}.")
    return words.format(amount=usd(owes)) if owes > 0 else ""


def _liable(owes: Money) -> str:
    if owes > 0:
        return _("Patient liable: {amount}.").format(amount=usd(owes))
    return _("Write off unless a signed, service-specific consent is held.")


def _part_of(into: str, rule: str, telling: Telling) -> str:
    if into:
        words = _("This counts as part of {service} on the same day.")
        return words.format(service=telling.service(into))
    if rule == "too-few-minutes":
        return _("This takes too few minutes to be billed on its own.")
    return _("Medicare pays nothing extra for this.")


def _bundled(into: str, rule: str, modifier_allowed: bool) -> str:
    if rule == "too-few-minutes":
        return _("Not billable: fewer minutes than one unit takes under the plan's minutes rule.")
    if not into:
        return _("CO-97: bundled by its status in the Medicare fee schedule.")
    edit = _("NCCI pair edit") if rule == "ncci" else plain(rule)
    words = (
        _("CO-97: bundled into {service} ({edit}); {modifiers} parts them if separate.")
        if modifier_allowed
        else _("CO-97: bundled into {service} ({edit}); no modifier parts them.")
    )
    return words.format(service=into, edit=edit, modifiers=_PARTING)


# ----------------------------------------------------------------------------
# Sentences on where a price comes from.
# ----------------------------------------------------------------------------

Prices = (
    PriceGiven
    | PriceContracted
    | PriceContractedPercent
    | PriceMedicare
    | PriceRate
    | PriceMarket
    | PriceRegional
    | PriceList
    | PriceCash
)

_RATES = {
    "per-visit": N_("Your plan goes by one price a visit."),
    "case-rate": N_("Your plan goes by one price for the whole course."),
    "fee-schedule": N_("Your plan goes by a price list of its own."),
    "charges": N_("Your plan goes by a part of what the clinic charges."),
}
_RATE = N_("Your plan goes by {basis}.")


# Whose prices an estimate from Medicare's price rests on; the source says of which year, services and place they are.
_REGIONAL = {
    "medicare-advantage": N_(
        "An estimate from Medicare's price in {locality}: Medicare Advantage plans pay about {typical} of it, {low} to "
        "{high} in the sources we have."
    ),
    "medicaid": N_(
        "An estimate from Medicare's price in {locality}: Medicaid programs pay about {typical} of it, {low} to {high} "
        "by state."
    ),
}
_REGIONAL_COMMERCIAL = N_(
    "An estimate: about {typical} of Medicare's price in {locality}. In the sources we have, plans pay {low} to {high} "
    "of it, in other places and years."
)
_REGIONAL_AT_ONE_FIGURE = {
    "tricare": N_("An estimate: TRICARE pays by Medicare's methods, so we count {typical} of its price in {locality}."),
    "va": N_("An estimate: VA pays by its contracts or Medicare's price; we count {typical} of it in {locality}."),
    "medicaid": N_("An estimate: your state's Medicaid pays about {typical} of Medicare's price in {locality}."),
}
_AT_ONE_FIGURE = N_("An estimate: {typical} of Medicare's price in {locality}.")


def _regional(market: str, is_one_figure: bool) -> str:
    if is_one_figure:
        return _(_REGIONAL_AT_ONE_FIGURE.get(market, _AT_ONE_FIGURE))
    return _(_REGIONAL.get(market, _REGIONAL_COMMERCIAL))


def price_for_patient(finding: Prices, telling: Telling) -> str:
    """Return the sentence for a patient."""
    match finding:
        case PriceGiven():
            return _("You gave us this price.")
        case PriceContracted():
            return _("This is the price in the clinic's contract with {payer}.").format(payer=telling.payer)
        case PriceContractedPercent(_, percent, locality):
            words = _("The clinic's contract with {payer} pays {percent} of Medicare's price in {locality}.")
            return words.format(payer=telling.payer, percent=percent, locality=place(locality))
        case PriceMedicare(percent, locality, _, reduced):
            return _of_medicare(percent, locality, reduced)
        case PriceRate(basis):
            return _(_RATES.get(basis, _RATE)).format(basis=plain(basis))
        case PriceRegional(low, typical, high, locality, _, experience, factor, set_on, minutes):
            words = _regional(telling.plan.market, low == high).format(
                locality=place(locality), typical=typical, low=low, high=high
            )
            return together(
                words, _experience(experience, factor, set_on, minutes), _("Your clinic's contract may differ.")
            )
        case PriceMarket() as market:
            return _market_for_patient(market)
        case PriceList():
            return _("This is the clinic's own price without insurance.")
        case PriceCash(experience, factor, set_on, minutes):
            words = _("An estimate of what clinics ask without insurance.")
            return together(words, _experience(experience, factor, set_on, minutes), _("Ask yours."))
        case _:
            assert_never(finding)


def price_for_biller(finding: Prices, telling: Telling) -> str:
    """Return the sentence for billing staff."""
    match finding:
        case PriceGiven():
            return _("Allowed amount given in the request.")
        case PriceContracted(party):
            return _("Contracted rate: {party}.").format(party=party or telling.payer)
        case PriceContractedPercent(party, percent, locality, book, reduced):
            words = (
                _(
                    "Contracted rate: {party}, {percent} of the Medicare fee schedule, {locality}, {book}, MPPR"
                    " applied; rounded half up to the cent once a line."
                )
                if reduced
                else _(
                    "Contracted rate: {party}, {percent} of the Medicare fee schedule, {locality}, {book}; rounded half"
                    " up to the cent once a line."
                )
            )
            return words.format(party=party, percent=percent, locality=place(locality), book=book)
        case PriceMedicare(percent, locality, book, reduced):
            words = (
                _("{percent} of the Medicare fee schedule, {locality}, {book}; MPPR applied.")
                if reduced
                else _("{percent} of the Medicare fee schedule, {locality}, {book}.")
            )
            return words.format(percent=percent, locality=place(locality), book=book)
        case PriceRate(basis):
            return _("Plan rate: {basis}.").format(basis=plain(basis))
        case PriceRegional(low, typical, high, locality, book, experience, factor, set_on, minutes):
            words = _("Regional estimate: {low} / {typical} / {high} of Medicare, {locality}, {book}{factor}.")
            at = _factor(experience, factor, set_on, minutes)
            return words.format(low=low, typical=typical, high=high, locality=place(locality), book=book, factor=at)
        case PriceMarket() as market:
            return _market_for_biller(market)
        case PriceList():
            return _("Self-pay list of the clinic.")
        case PriceCash(experience, factor, set_on, minutes):
            return _("Cited range of cash prices{factor}.").format(factor=_factor(experience, factor, set_on, minutes))
        case _:
            assert_never(finding)


def _market_for_patient(market: PriceMarket) -> str:
    if market.is_observed:
        words = _(
            "An estimate: {payer} has paid this clinic for {clinics} services like this, the last on {day}. This is "
            "the middle of what it allowed, and the range is the least to the most."
        )
    elif market.is_own:
        words = _(
            "An estimate: we use the price that {payer} pays this clinic, by the price list it published on {day}."
        )
    elif market.in_hospitals:
        words = _(
            "An estimate: hospitals in {area} publish what {payer} pays them. We use {clinics} of their lists, of "
            "{day} or later. This is the middle of their prices; yours may differ."
        )
    else:
        words = _(
            "An estimate: the price list that {payer} published on {day} says what it pays {clinics} clinics in "
            "{area}. This is the middle of their prices; yours may differ."
        )
    return _of_market(words, market)


def _market_for_biller(market: PriceMarket) -> str:
    if market.is_observed:
        words = _(
            "Observed: median of {clinics} paid lines of {payer}, {network}, the last on {day}; low to high is the "
            "least to the most that it allowed for a unit."
        )
    elif market.is_own:
        words = _(
            "This clinic’s own rate: {payer}, {network}, in-network file of {day}, found by the clinic’s NPI or TIN; "
            "low to high is the least to the most of its rates in the file."
        )
    elif market.in_hospitals:
        words = _(
            "Market: median (50th percentile) of {clinics} hospitals in {area}, {payer}, {network}, files of standard "
            "charges of {day} or later; low to high is the least to the most that a hospital is paid."
        )
    else:
        words = _(
            "Market: median (50th percentile) of {clinics} clinics in {area}, {payer}, {network}, in-network file "
            "of {day}; low to high is the least to the most that a clinic is paid."
        )
    return _of_market(words, market)


def _of_market(words: str, market: PriceMarket) -> str:
    told = words.format(
        payer=market.payer,
        network=market.network,
        day=long_day(market.dated),
        clinics=market.clinics,
        area=_(market.area) if market.area else "",
    )
    return together(told, _wide() if market.is_wide else "")


def _wide() -> str:
    return _("The range is a tenth wider, as that list is over a year old or has few clinics in it.")


def _of_medicare(percent: Rate, locality: str, reduced: bool) -> str:
    words = (
        _("Your plan goes by Medicare's price in {locality}.")
        if percent == WHOLE
        else _("Your plan goes by {percent} of Medicare's price in {locality}.")
    ).format(percent=percent, locality=place(locality))
    less = _("It counts one service a day in full, and the rest at a lower price, as here.")
    return together(words, less if reduced else "")


def _experience(experience: str, factor: Rate, set_on: date | None, minutes: int | None) -> str:
    if factor == WHOLE:
        return ""
    if set_on and minutes:
        words = _(
            "The clinic counts {factor} of it for a {experience} provider and a visit of {minutes} minutes or more: "
            "its own figure, set on {day}."
        )
        return words.format(factor=factor, experience=plain(experience), minutes=minutes, day=long_day(set_on))
    if set_on:
        words = _("The clinic counts {factor} of it for a {experience} provider: its own figure, set on {day}.")
        return words.format(factor=factor, experience=plain(experience), day=long_day(set_on))
    words = _("We count {factor} of it for a {experience} provider, which is our assumption.")
    return words.format(factor=factor, experience=plain(experience))


def _factor(experience: str, factor: Rate, set_on: date | None, minutes: int | None) -> str:
    if factor == WHOLE:
        return ""
    if set_on and minutes:
        words = _(
            "; experience {experience}, from {minutes} minutes on × {factor}, the clinic's own figure, set on {day}"
        )
        return words.format(experience=plain(experience), minutes=minutes, factor=factor, day=long_day(set_on))
    if set_on:
        words = _("; experience {experience} × {factor}, the clinic's own figure, set on {day}")
        return words.format(experience=plain(experience), factor=factor, day=long_day(set_on))
    return _("; experience {experience} × {factor}").format(experience=plain(experience), factor=factor)


# ----------------------------------------------------------------------------
# Sentences that a reader is told before any price, and on codes that had to be put right.
# ----------------------------------------------------------------------------

Notices = StateNotice | DiagnosisInvalid | UnitsCorrected | TherapistEvaluates | PolicyOverPlan


# What a state's law says of dry needling, for patients and for billers.
_STATES = {
    "permitted": (
        N_(
            "{state} lets physical therapists with the right training do dry needling. "
            "Ask about that training, and check the license with the state's board of physical therapy."
        ),
        N_("{state} permits dry needling by physical therapists with the required training: keep proof of it."),
    ),
    "prohibited": (
        N_("Physical therapists can't do dry needling in {state}."),
        N_("{state} does not permit dry needling by physical therapists: do not perform, do not bill."),
    ),
    "awaiting-rules": (
        N_("{state} has passed a law on dry needling by physical therapists, but its rules aren't in force yet."),
        N_(
            "{state} has a law on dry needling by physical therapists, but its rules are not in force: "
            "do not perform, do not bill."
        ),
    ),
    "silent": (
        N_("No law or ruling in {state} speaks of dry needling by physical therapists. Ask the state board."),
        N_("No law or ruling in {state} on dry needling by physical therapists: ask the state board."),
    ),
}
# The same for providers who are no physical therapists.
_OTHERS = {
    "permitted": (
        N_("The law in {state} lets this kind of provider do dry needling, on some terms. Ask about training."),
        N_("{state} permits dry needling by this kind of provider, on terms: keep proof of training."),
    ),
    "silent": (
        N_("We found nothing in the law of {state} on dry needling by this kind of provider. Ask the state board."),
        N_("No law or ruling read in {state} on dry needling by this kind of provider: ask the state board."),
    ),
    "prohibited": (
        N_("The law in {state} doesn't let this kind of provider do dry needling."),
        N_("{state} does not permit dry needling by this kind of provider: do not perform, do not bill."),
    ),
    "awaiting-rules": (
        N_("A law in {state} will let this kind of provider do dry needling, but not yet."),
        N_("{state} does not yet permit dry needling by this kind of provider: do not perform, do not bill."),
    ),
}
_UNREAD = (
    N_("We haven't read what {state} says of dry needling by physical therapists ({status})."),
    N_("Law of {state} on dry needling by physical therapists not read ({status}): verify."),
)


def notice_for_patient(finding: Notices, telling: Telling) -> str:
    """Return the sentence for a patient."""
    match finding:
        case StateNotice(_, name, status, provider):
            return _(_law_words(status, provider)[0]).format(state=place(name), status=plain(status))
        case DiagnosisInvalid(code, replacements):
            words = _("The diagnosis code {code} is not accepted on claims.").format(code=code)
            return together(words, _instead(replacements))
        case UnitsCorrected(code, units):
            words = _("We count {service} once a day, not {number} times.")
            return words.format(service=telling.service(code), number=units)
        case TherapistEvaluates(code):
            words = _("An assistant may not evaluate, so we count a therapist for this: {service}.")
            return words.format(service=telling.service(code))
        case PolicyOverPlan():
            return _(
                "Your plan lists this service, but {payer} has a rule of its own on it. "
                "We follow that rule, and you should ask which of the two holds."
            ).format(payer=telling.payer)
        case _:
            assert_never(finding)


def notice_for_biller(finding: Notices, telling: Telling) -> str:
    """Return the sentence for billing staff."""
    match finding:
        case StateNotice(_, name, status, provider):
            return _(_law_words(status, provider)[1]).format(state=place(name), status=plain(status))
        case DiagnosisInvalid(code, replacements):
            words = _("{code} is not valid on the date of service (CO-146).").format(code=code)
            return together(words, _instead(replacements))
        case UnitsCorrected(code, units):
            words = _("{code} is untimed: 1 unit a day, not {units} (MUE).")
            return words.format(code=code, units=counted(units, "unit"))
        case TherapistEvaluates(code):
            words = _("{code}: an assistant may not evaluate. Counted as the therapist's, without CQ.")
            return words.format(code=code)
        case PolicyOverPlan(policy, position, benefit):
            words = _("Policy {policy} ({position}) conflicts with benefit {benefit}; the policy was followed.")
            return words.format(policy=policy, position=plain(position), benefit=benefit)
        case _:
            assert_never(finding)


def _law_words(status: str, provider: str) -> tuple[str, str]:
    """Return what a state's law says, for a patient and for a biller."""
    said = _STATES.get(status, _UNREAD)
    return said if provider == "physical-therapist" else _OTHERS.get(status, said)


def _instead(replacements: tuple[str, ...]) -> str:
    words = _("Use {codes} in its place, whichever fits.").format(codes=listed(replacements))
    return words if replacements else ""


_Says = Callable[[Any, Money, Telling], str]


def says(finding: Finding, owes: Money, telling: Telling) -> str:
    """Return what a finding means, with what it makes the patient owe; KeyError where it has no words."""
    for_patient, for_biller = _WORDS[type(finding)]
    words = (for_patient if telling.reader == PATIENT else for_biller)(finding, owes, telling)
    return sentence(words.strip())


def name_of(finding: Finding) -> str:
    """Return the name of a finding in the answer, such as `copay-charged`."""
    return _NAMES[type(finding)]


def numbers(finding: Finding) -> dict[str, str]:
    """Return the fields of a finding as text; what says nothing, or a figure that stands for no end, is left out."""
    values = {each.name: getattr(finding, each.name) for each in fields(finding)}
    return {name: _text(value) for name, value in values.items() if value not in (NO_END, None)}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value)


def _kebab(kind: type) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in kind.__name__)[1:]


def _both(subject: object, for_patient: _Says, for_biller: _Says) -> dict[type, tuple[_Says, _Says]]:
    return dict.fromkeys(get_args(subject), (for_patient, for_biller))


_WORDS: dict[type, tuple[_Says, _Says]] = {
    **_both(Cover, cover_for_patient, cover_for_biller),
    **_both(Bounds, bounds_for_patient, bounds_for_biller),
    **_both(Charges, lambda f, owes, _: charge_for_patient(f, owes), lambda f, owes, _: charge_for_biller(f, owes)),
    **_both(Notices, lambda f, _, t: notice_for_patient(f, t), lambda f, _, t: notice_for_biller(f, t)),
    **_both(Prices, lambda f, _, t: price_for_patient(f, t), lambda f, _, t: price_for_biller(f, t)),
}
_NAMES = {kind: _kebab(kind) for kind in _WORDS}
