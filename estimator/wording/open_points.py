"""What the answer leaves open: questions for the insurer, assumptions, conditions and turning points.

That a code is valid, that it needs authorization and that it is paid are three facts; they are asked one
by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import assert_never

from estimator.engine.answer import (
    Assumption,
    AssumptionKind,
    Condition,
    ConditionKind,
    CrossingKind,
    CrossingPoint,
    Question,
    QuestionKind,
    Worth,
)
from estimator.engine.values import ZERO, Money
from estimator.language import N_, _
from estimator.wording.told import topic_of
from estimator.wording.uncertain import figure_words, kind_of_point
from estimator.wording.words import (
    PATIENT,
    Telling,
    counted,
    in_the_network,
    long_day,
    plain,
    sentence,
    together,
    usd,
    whole_usd,
)

Words = tuple[str, str]
"""What to say to patients, and to billers."""

_THREE = N_(
    "“Can my provider bill {service} under my plan? Does it need approval in advance? And do you pay for it?” "
    "Ask all three: a yes to one doesn't mean yes to the rest."
)
_THREE_FOR_BILLERS = N_(
    "{service}: ask separately whether the code is valid for this provider, needs authorization, and is payable."
)


# For patients and for billers. {service} is a code with its words, {subject} a name of the plan in plain words.
def _question_words(kind: QuestionKind, about: str) -> Words:
    """Return the words of a question for patients and for billers."""
    match kind:
        case QuestionKind.NEEDLING_POLICY | QuestionKind.BENEFIT_LISTS_SERVICE:
            return (_THREE, _THREE_FOR_BILLERS)
        case QuestionKind.NETWORK_COVER:
            return (
                N_("“What does my plan pay for care {network}?”"),
                N_("Benefits {network}: covered at all? At which share?"),
            )
        case QuestionKind.COST_SHARE if about in _COST_SHARES:
            return _COST_SHARES[about]
        case QuestionKind.COST_SHARE:
            return (
                N_(
                    "“What do I pay for a visit of {subject}: a copay, a percentage, or both? "
                    "Does the deductible come first?”"
                ),
                N_("Cost share of {subject} not read: copay, coinsurance, deductible and their order."),
            )
        case QuestionKind.DEDUCTIBLE:
            return (
                N_("“What is my deductible this year, and how much of it have I paid?”"),
                N_("Deductible: amount, met to date, and whether it applies to therapy."),
            )
        case QuestionKind.OUT_OF_POCKET_MAX:
            return (
                N_("“What is the most that I can pay in a year, and how much of it have I paid?”"),
                N_("Out-of-pocket maximum: amount and met to date."),
            )
        case QuestionKind.LIMIT:
            return (
                N_("“How many visits does my plan cover ({subject}), and how many are left?”"),
                N_("Limit {subject}: amount, period, used to date, and which services share it."),
            )
        case QuestionKind.LIMIT_EXEMPTION:
            return (
                N_("“Does the limit on {subject} hold for my condition?”"),
                N_("Limit {subject}: does the exemption apply to this diagnosis or patient?"),
            )
        case QuestionKind.LIMIT_SHARED:
            return (
                N_("“Do visits of occupational or speech therapy use up the same limit on {subject}?”"),
                N_("Limit {subject}: PT alone, or together with OT and ST?"),
            )
        case QuestionKind.PAST_LIMIT:
            return (
                N_("“Once the limit on {subject} is used up, may my clinic bill me?”"),
                N_("Past limit {subject}: patient liability or contractual write-off?"),
            )
        case QuestionKind.AUTHORIZATION_NEEDED:
            return (
                N_("“Do I need approval in advance (prior authorization) for {subject}, and from which visit on?”"),
                N_("Authorization for {subject}: needed? From which visit? Who administers it?"),
            )
        case QuestionKind.AUTHORIZATION_CONSEQUENCE if about == ConditionKind.REFERRAL:
            return (
                N_("“If there is no referral (a doctor's order), who pays: the clinic, I, or do you pay less?”"),
                N_("Missing referral: denial (CO or PR 288), reduction or penalty?"),
            )
        case QuestionKind.AUTHORIZATION_CONSEQUENCE:
            return (
                N_("“If my visits aren't approved in advance, who pays: the clinic, I, or do you pay less?”"),
                N_("Missing {subject}: denial (CO or PR 197), reduction or penalty?"),
            )
        case QuestionKind.REFERRAL_NEEDED:
            return (
                N_("“Do I need a referral (a doctor's order) for {subject}?”"),
                N_("Referral for {subject}: needed?"),
            )
        case QuestionKind.REFERRAL:
            return (
                N_("“Do I need a referral (a doctor's order) for physical therapy?”"),
                N_("Referral: needed for this benefit?"),
            )
        case QuestionKind.DIAGNOSIS:
            return (
                N_("Ask your provider which diagnosis codes they will use. The plan's answer depends on them."),
                N_("Diagnosis codes: coverage depends on them; add them to the request."),
            )
        case QuestionKind.AGE:
            return (
                N_("Tell us the patient's age: the plan's answer depends on it."),
                N_("Patient age: a rule depends on it."),
            )
        case QuestionKind.SYMPTOM_WEEKS:
            return (
                N_("Tell us for how many weeks the complaint has lasted: the plan's answer depends on it."),
                N_("Weeks of symptoms: a rule depends on them (12 or more is chronic)."),
            )
        case QuestionKind.PURPOSE:
            return (
                N_(
                    "Tell us: is this therapy to regain a skill after illness or injury (rehabilitation), "
                    "or to gain one (habilitation)? The plan's answer depends on it."
                ),
                N_("Purpose of the therapy: rehabilitative or habilitative? A rule depends on it."),
            )
        case QuestionKind.STATE:
            return (
                N_("Tell us in which state the clinic is: the plan's answer depends on it."),
                N_("State of service: a rule depends on it; add it or the ZIP code."),
            )
        case QuestionKind.INDIAN_HEALTH:
            return (
                N_(
                    "Tell us: does an Indian health care provider treat you, or did one refer you? "
                    "Covered care is then free for you."
                ),
                N_("Indian health care provider: treats or refers? With its referral there is no cost share."),
            )
        case QuestionKind.BALANCE_BILL:
            return (
                N_("Ask the clinic: “May you bill me for what my plan doesn't count as the price?”"),
                N_("Balance billing {network}: allowed by contract and state law?"),
            )
        case QuestionKind.FAMILY_RULE:
            return (
                N_("“Does my family have one deductible together, or does each person have their own?”"),
                N_("Family rule ({subject}): embedded, aggregate or per person?"),
            )
        case QuestionKind.FAMILY_COVER:
            return (
                N_("Tell us whether your plan covers only you or your family too: the deductible depends on it."),
                N_("Tier of cover: self-only or family?"),
            )
        case QuestionKind.LIABILITY:
            return (
                N_("“If you don't pay for {service}, may the clinic bill me?”"),
                N_("{service}: who is liable when denied, and which form must be signed?"),
            )
        case QuestionKind.DEDUCTIBLE_VISITS_COUNT:
            return (
                N_("“Does a visit that I pay under my deductible use up one of my covered visits?”"),
                N_("Limit {subject}: do visits applied wholly to the deductible count?"),
            )
        case QuestionKind.IN_WRITING:
            return (
                N_(
                    "“Your plan document says something else about {topic} than you told me. Which one is right? "
                    "Please send it to me in writing.”"
                ),
                N_("Told otherwise than documented ({topic}): get it in writing."),
            )
        case QuestionKind.POLICY_ASK:
            return (N_("Ask {payer} or the clinic: “{text}”"), N_("On the policy: {text}"))
        case QuestionKind.POLICY_ASK_CLINIC:
            return (N_("The clinic checks: “{text}”"), N_("On the policy, for the clinic: {text}"))
        case QuestionKind.ZIP_STRADDLES:
            return (
                N_("Your ZIP code lies in more than one price area ({text}). Tell us which one your clinic is in."),
                N_("ZIP straddles localities ({text}): choose one."),
            )
        case QuestionKind.MULTIPLE_PROCEDURE_REDUCTION:
            return (
                N_("“Do you pay less for a second therapy service on the same day?”"),
                N_("Multiple procedure payment reduction (MPPR): applied? At which percentage?"),
            )
        case QuestionKind.SUPPLEMENT if about == "copay":
            return (
                N_("Ask your second plan: “Do I pay a copay at each physical therapy visit?”"),
                N_("Supplement: is a therapy visit an office visit with a copay?"),
            )
        case QuestionKind.SUPPLEMENT:
            return (
                N_("Ask your second plan: “Do you pay what a clinic asks above Medicare's amount?”"),
                N_("Supplement: does it pay Part B excess charges?"),
            )
        case QuestionKind.NEXT_YEAR:
            return (
                N_("“What will my copay, my deductible and my visit limit for physical therapy be in {text}?”"),
                N_("Rules of {text} not published: copay, deductible, visit limit, authorization."),
            )
        case _:
            assert_never(kind)


# What lacks of a cost share of which the rest is known.
_COST_SHARES = {
    "copay": (
        N_("“What is my copay for a physical therapy visit?”"),
        N_("Copay not read: amount, and per visit or per day?"),
    ),
    "coinsurance": (
        N_("“Which percentage (coinsurance) of a physical therapy visit do I pay?”"),
        N_("Coinsurance not read: percentage, and of which amount?"),
    ),
    "deductible": (
        N_("“Does my deductible come first for physical therapy visits?”"),
        N_("Deductible: applies to therapy visits, before or after the copay?"),
    ),
}
CLINIC_ONLY = frozenset({QuestionKind.POLICY_ASK_CLINIC})


def question_says(question: Question, telling: Telling) -> str:
    """Return what to ask, and of whom where it is not the insurer."""
    for_patient, for_biller = _question_words(question.asks, question.subject)
    subject = question.subject
    payer = _("your second plan") if question.of_second else telling.payer
    asked = _(for_patient if telling.reader == PATIENT else for_biller).format(
        payer=payer,
        text=_(subject.strip()) or _("not named"),
        subject=plain(subject) or _("this care"),
        service=_service(subject, telling),
        network=in_the_network(subject),
        topic=topic_of(subject) if question.asks is QuestionKind.IN_WRITING else "",
    )
    if telling.reader == PATIENT and for_patient.startswith("“"):
        return _("Ask {payer}: {question}").format(payer=payer, question=asked)
    return _("Second plan: {question}").format(question=asked) if question.of_second else sentence(asked)


def _service(subject: str, telling: Telling) -> str:
    is_code = subject in telling.names or len(subject) == 5
    return telling.service_to_ask(subject) if is_code else _("dry needling")


# What was taken for granted where the plan or the person is silent.


# For patients and for billers. {subject} is a name of the plan in plain words, {limit} what a limit gives.
def _assumption_words(kind: AssumptionKind) -> Words:
    """Return the words of an assumption for patients and for billers."""
    match kind:
        case AssumptionKind.AUTHORIZATION_GRANTED:
            return (
                N_("We assumed your plan approves the visits that need it."),
                N_("Authorization taken as granted for {subject}."),
            )
        case AssumptionKind.REFERRAL_GIVEN:
            return (
                N_("We assumed you have a referral (a doctor's order)."),
                N_("Referral taken as on file for {subject}."),
            )
        case AssumptionKind.IMPROVEMENT_SHOWN:
            return (
                N_("We assumed your records show that you get better."),
                N_("Documented improvement taken as shown ({subject})."),
            )
        case AssumptionKind.JUSTIFICATION_GIVEN:
            return (
                N_("We assumed your provider explains in writing why you need more visits."),
                N_("Written justification taken as given ({subject})."),
            )
        case AssumptionKind.DEDUCTIBLE_VISITS_COUNT:
            return (
                N_("A visit that you pay under your deductible uses up one of your covered visits."),
                N_("Visits applied to the deductible count toward {subject}."),
            )
        case AssumptionKind.NEVER_ABOVE_ALLOWED:
            return (
                N_("You never pay more than the price of the service, even if your copay is higher."),
                N_("Patient pays the lesser of copay and allowed amount."),
            )
        case AssumptionKind.PAST_LIMIT_NOT_COUNTED:
            return (
                N_(
                    "What you pay beyond the limit doesn't count toward your deductible or yearly maximum. "
                    "In your plan's network the price in the clinic's contract still holds there, "
                    "not what the clinic asks."
                ),
                N_("Amounts past {subject} fill no accumulator; in network the contract rate still applies."),
            )
        case AssumptionKind.CLINIC_ABSORBS_MISSING_AUTHORIZATION:
            return (
                N_("Where approval is missing, the clinic may not bill you: it has a contract with your plan."),
                N_("Missing {subject} in network: CO, provider absorbs."),
            )
        case AssumptionKind.PATIENT_PAYS_MISSING_AUTHORIZATION:
            return (
                N_("Where approval is missing, you pay."),
                N_("Missing {subject}: patient liable."),
            )
        case AssumptionKind.PLAN_OVER_PAYER:
            return (
                N_("Your plan and your insurer's own policy say different things about this; we count with your plan."),
                N_("Plan and payer policy {subject} differ; the plan's own statement is used."),
            )
        case AssumptionKind.PAYER_ASKS_PERMISSION:
            return (
                N_(
                    "Your insurer's rules ask for approval in advance and the list of plans doesn't; "
                    "we count with your insurer's rules. Ask before your first visit."
                ),
                N_("The payer's rule on {subject} is used; the plan's listing names none. Confirm with the payer."),
            )
        case AssumptionKind.PAYER_RULE_CONTESTED:
            return (
                N_(
                    "Since {day}, sources disagree on whether your insurer still asks for approval in advance for "
                    "physical therapy. We count with approval being needed. Ask before your first visit."
                ),
                N_(
                    "The payer's authorization rule is contested since {day}: one source says that therapy codes left "
                    "the list. The stricter reading is used; check the payer's code list before the first visit."
                ),
            )
        case AssumptionKind.MINUTES_RULE:
            return (
                N_("We count the minutes of each service by themselves, as most insurers of this kind do."),
                N_("Minutes counted for each code (midpoint rule), as is usual; Medicare's total gives other units."),
            )
        case AssumptionKind.SELF_ONLY_COVER:
            return (
                N_("Your plan covers only you, not a family."),
                N_("Self-only cover."),
            )
        case AssumptionKind.REGIONAL_PRICE:
            return (
                N_("We don't know your plan's prices with the clinic, so we estimate them from your area."),
                N_("Allowed amounts estimated from the locality; enter the contract for exact figures."),
            )
        case AssumptionKind.CASH_PRICE:
            return (
                N_("We don't know the clinic's prices without insurance, so we use a published range."),
                N_("Charges from a cited cash range; enter the self-pay list for exact figures."),
            )
        case AssumptionKind.EXPERIENCE_FACTOR:
            return (
                N_("How much a provider's experience changes the price is our own guess. You can change it."),
                N_("Experience factor {subject} is our assumption, not a source's."),
            )
        case AssumptionKind.COINSURANCE_PER_LINE:
            return (
                N_("Your percentage is rounded to the cent for each service on its own."),
                N_("Coinsurance rounded half-up per line."),
            )
        case AssumptionKind.COPAY_BEFORE_COINSURANCE:
            return (
                N_("Your copay is taken first, and your percentage is of the rest."),
                N_("Copay first, coinsurance of the rest."),
            )
        case AssumptionKind.USED_AMOUNTS_EXPIRED:
            return (
                N_("What you paid belongs to an earlier benefit year, so it no longer counts."),
                N_("Balances given belong to an earlier benefit year; opened at zero."),
            )
        case AssumptionKind.PLAN_BECOMES:
            return (
                N_("In its next year your plan becomes {plan}, unless you choose another plan."),
                N_("Next plan year: {plan}, by the official crosswalk or as the plan's successor."),
            )
        case AssumptionKind.PLAN_ENDS:
            return (
                N_("Your plan ends on {day}, and you aren't moved to another one. Choose a plan for the new year."),
                N_("Official crosswalk: the plan ends on {day}, and its members are moved nowhere."),
            )
        case AssumptionKind.PLAN_DIVIDES:
            return (
                N_("After {day} your plan becomes one of several plans. Ask which one you will have."),
                N_("Official crosswalk: after {day} members go to several plans, by county."),
            )
        case AssumptionKind.POLICY_OVER_PLAN:
            return (
                N_("Your plan lists this service, but its insurer has a rule of its own on it. We follow that rule."),
                N_("Medical policy {subject} followed over the plan's list of services."),
            )
        case AssumptionKind.BENEFIT_YEAR_CALENDAR:
            return (
                N_("Your plan's year starts on January 1."),
                N_("Benefit year not read; calendar year taken."),
            )
        case AssumptionKind.LATEST_PRICE_BOOK:
            return (
                N_("Prices are published up to {day}. We use the latest ones for the days after that."),
                N_("Price book ends {day}; later visits are priced by it."),
            )
        case AssumptionKind.PROPOSED_PRICES:
            return (
                N_("Prices from {day} on rest on Medicare's proposed fees. The final ones may differ."),
                N_("Fees from {day} on are Medicare's proposed ones, not final."),
            )
        case AssumptionKind.EARLIEST_PRICE_BOOK:
            return (
                N_("Prices are published from {day} on. We use the earliest ones for the days before that."),
                N_("Price book starts {day}; earlier visits are priced by it."),
            )
        case AssumptionKind.GRANT_SPENT_BY_NEEDING_VISITS:
            return (
                N_("Your authorization counts only the visits that need one. Visits before that use up none of it."),
                N_("Authorized visits counted from the first visit that needs authorization ({subject})."),
            )
        case AssumptionKind.TOLD_BY_PLAN:
            return (
                N_(
                    "Part of this rests on what your plan told you on {day}. That isn't a guarantee: "
                    "ask for it in writing."
                ),
                N_("Rests in part on what the payer told on {day}; no guarantee of payment."),
            )
        case AssumptionKind.ASSUMED_COPAY:
            return _for_both(N_("We assumed a copay of {usual} a visit (range {low} to {high})."))
        case AssumptionKind.ASSUMED_COINSURANCE:
            return _for_both(N_("We assumed a coinsurance of {usual} (range {low} to {high})."))
        case AssumptionKind.ASSUMED_DEDUCTIBLE:
            return _for_both(N_("We assumed a deductible of {usual} (range {low} to {high})."))
        case AssumptionKind.ASSUMED_OUT_OF_POCKET_MAX:
            return _for_both(N_("We assumed an out-of-pocket maximum of {usual}, the most that the law allows."))
        case AssumptionKind.SMALL_UNCERTAINTY:
            return _for_both(N_("We left out a small uncertainty: {point}."))
        case AssumptionKind.DEDUCTIBLE_NOT_STARTED:
            return (
                N_("We count nothing as paid toward your deductible yet. It's up to {less} less if you've paid some."),
                N_("Deductible: nothing counted as met yet; up to {less} less if some is."),
            )
        case AssumptionKind.LIMIT_NOT_STARTED:
            return (
                N_("We assume you haven't used any of your plan's limit yet. It's up to {more} more if you have."),
                N_("Limit {subject}: nothing counted as used yet; up to {more} more if some is."),
            )
        case AssumptionKind.THERAPY_BY_ANOTHER:
            return (
                N_(
                    "We used your plan's rules for physical therapists. It may have another copay and visit limit for "
                    "this kind of provider. Ask your plan."
                ),
                N_(
                    "Therapy benefit applied to this provider type ({subject}); the plan may have a benefit of its own."
                ),
            )
        case AssumptionKind.LINE_ORDER:
            return (
                N_("We took the services of a visit in the order given. In another order you could pay {other}."),
                N_("Lines of a visit adjudicated in the order given; in another order: {other}."),
            )
        case AssumptionKind.PER_PERSON_MAXIMUM:
            return (
                N_("Within your family's yearly maximum, you alone never pay more than the maximum for one person."),
                N_("Per-person out-of-pocket maximum applied within the family's ({subject})."),
            )
        case _:
            assert_never(kind)


# In place of the words above, for patients, where it is a referral that is absent.
_WITHOUT_REFERRAL = {
    AssumptionKind.CLINIC_ABSORBS_MISSING_AUTHORIZATION: N_(
        "Where a referral is missing, the clinic may not bill you: it has a contract with your plan."
    ),
    AssumptionKind.PATIENT_PAYS_MISSING_AUTHORIZATION: N_("Where a referral is missing, you pay."),
}


def _for_both(words: str) -> Words:
    return words, words


def assumption_says(assumption: Assumption, telling: Telling) -> str:
    """Return what was taken for granted; a figure with its range, and with what it is worth."""
    for_patient, for_biller = _assumption_words(assumption.assumes)
    if assumption.subject == ConditionKind.REFERRAL:
        for_patient = _WITHOUT_REFERRAL.get(assumption.assumes, for_patient)
    low, usual, high = map(figure_words, assumption.figures) if assumption.figures else ("", "", "")
    worth = assumption.worth or Worth(ZERO, ZERO)
    says = _(for_patient if telling.reader == PATIENT else for_biller).format(
        subject=plain(assumption.subject) or _("this care"),
        day=_day(assumption.subject),
        point=kind_of_point(assumption.subject),
        plan=_plan_named(assumption.subject, telling),
        low=low,
        usual=usual,
        high=high,
        less=whole_usd(worth.less),
        more=whole_usd(worth.more),
        other=_less_or_more(worth),
    )
    return together(says, *_worth_of_figure(worth)) if assumption.figures else says


def _plan_named(plan_id: str, telling: Telling) -> str:
    """Return what a plan of the course is called; one that we don't have by its official number."""
    chain = (telling.plan, *telling.plan.later)
    return next((_(each.title) for each in chain if each.id == plan_id), plan_id.upper())


def _less_or_more(worth: Worth) -> str:
    words = _("{amount} less") if worth.less else _("{amount} more")
    return words.format(amount=whole_usd(worth.less or worth.more))


def _worth_of_figure(worth: Worth) -> Iterator[str]:
    if worth.less:
        yield _("It could be up to {amount} less.").format(amount=whole_usd(worth.less))
    if worth.more:
        yield _("It could be up to {amount} more.").format(amount=whole_usd(worth.more))


def _day(subject: str) -> str:
    try:
        return long_day(date.fromisoformat(subject))
    except ValueError:
        return _("its last day")


# Sentences on what the typical figure takes as met, with the price of its failing.


# What would change it: for patients, for billers.
def _condition_words(kind: ConditionKind) -> Words:
    """Return what would change it, for patients and for billers."""
    match kind:
        case ConditionKind.AUTHORIZATION:
            return (
                N_("If your plan doesn't approve this in advance"),
                N_("If authorization is refused or missing (CARC 197)"),
            )
        case ConditionKind.REFERRAL:
            return (N_("If there is no referral (a doctor's order)"), N_("If no referral is on file (CARC 288)"))
        case ConditionKind.IMPROVEMENT:
            return (
                N_("If your records don't show that you are getting better"),
                N_("If improvement is not documented"),
            )
        case ConditionKind.JUSTIFICATION:
            return (
                N_("If your provider doesn't explain in writing why you need more visits"),
                N_("If further visits are not justified in writing"),
            )
        case ConditionKind.TOLD:
            return (
                N_("If your plan doesn't stand by what it told you"),
                N_("If the payer doesn't stand by what it told"),
            )
        case _:
            assert_never(kind)


def condition_says(condition: Condition, telling: Telling) -> str:
    """Return what the condition is, where it holds, and what it would change for patient and clinic."""
    words = _condition_words(condition.needs)
    unless = _(words[0] if telling.reader == PATIENT else words[1])
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
        unchanged = _("{condition}: the typical figures don't change.")
        return _("{condition}: patient {patient}, write-off {clinic}.") if moves else unchanged
    unread = _("{condition}: consequence not read; check the contract.")
    return together(unread, _("If the patient is liable: patient {patient}, write-off {clinic}.") if moves else "")


def _is_not_known(condition: Condition, unless: str) -> str:
    unread = _("{condition}, we don't know who then pays.").format(condition=unless)
    more = _("You could pay {amount} more.").format(amount=usd(condition.difference))
    return together(unread, more if condition.difference > 0 else "")


def _changes(condition: Condition, unless: str) -> str:
    loses = condition.clinic_difference > 0
    if condition.difference > 0:
        words = (
            _("{condition}, you could pay {amount} more and the clinic would lose {lost}.")
            if loses
            else _("{condition}, you could pay {amount} more.")
        )
    elif condition.difference < 0:
        words = (
            _(
                "{condition}, your plan wouldn't pay and the clinic, which can't bill you, would lose {lost}. "
                "It may then not give you these visits, so don't count on paying less."
            )
            if loses
            else _("{condition}, you'd pay {amount} less.")
        )
    else:
        words = (
            _("{condition}, what you pay wouldn't change and the clinic would lose {lost}.")
            if loses
            else _("{condition}, you'd still pay what we counted.")
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


# Sentences on the visits at which the answer changes kind.


# For patients and for billers. {limit} is what a limit gives, {whole} that with its extension, {what} what it is on,
# {subject} a name of the plan in plain words.
def _crossing_words(kind: CrossingKind) -> Words:
    """Return the words of a crossing point for patients and for billers."""
    match kind:
        case CrossingKind.DEDUCTIBLE_MET:
            return (
                N_("At visit {visit}, on {day}, your deductible is met."),
                N_("Visit {visit} ({day}): deductible met ({subject})."),
            )
        case CrossingKind.OUT_OF_POCKET_MAX_REACHED:
            return (
                N_(
                    "At visit {visit}, on {day}, you reach your yearly maximum, "
                    "and your plan pays the rest of what it covers."
                ),
                N_("Visit {visit} ({day}): out-of-pocket maximum reached ({subject})."),
            )
        case CrossingKind.LIMIT_REACHED:
            return (
                N_("At visit {visit}, on {day}, you use the last of what your plan covers ({what}{limit})."),
                N_("Visit {visit} ({day}): limit {subject} reached."),
            )
        case CrossingKind.LIMIT_PASSED:
            return (
                N_("At visit {visit}, on {day}, you're past your plan's limit ({what}{whole})."),
                N_("Visit {visit} ({day}): limit {subject} passed."),
            )
        case CrossingKind.EXTENSION_STARTS:
            return (
                N_("At visit {visit}, on {day}, you start on your plan's extra visits (beyond {what}{limit})."),
                N_("Visit {visit} ({day}): extension of {subject} starts."),
            )
        case CrossingKind.MODIFIER_FROM:
            return (
                N_("At visit {visit}, on {day}, the clinic must mark its bills to say that you still need care."),
                N_("Visit {visit} ({day}): marker {subject} passed: modifier needed."),
            )
        case CrossingKind.AUTHORIZATION_FROM:
            return (
                N_(
                    "At visit {visit}, on {day}, your plan must approve your visits in advance (prior authorization) "
                    "from here on."
                ),
                N_("Visit {visit} ({day}): authorization needed from here on ({subject})."),
            )
        case CrossingKind.AUTHORIZATION_ENDS:
            return (
                N_("Your authorization ends after visit {visit}, on {day}."),
                N_("Visit {visit} ({day}): last visit of the authorization on file ({subject})."),
            )
        case CrossingKind.REFERRAL_FROM:
            return (
                N_("At visit {visit}, on {day}, you need a referral (a doctor's order)."),
                N_("Visit {visit} ({day}): referral needed from here on ({subject})."),
            )
        case CrossingKind.BENEFIT_YEAR_RESTARTS:
            return (
                N_(
                    "At visit {visit}, on {day}, a new benefit year starts: "
                    "your deductible and your visits begin again."
                ),
                N_("Visit {visit} ({day}): benefit year restarts."),
            )
        case _:
            assert_never(kind)


# In place of the words above where the clinic goes on billing what the plan does not count as the price.
_BILLED_ON = (
    N_(
        "At visit {visit}, on {day}, you reach your yearly maximum: your plan pays the rest of its own price, "
        "but the clinic may go on billing you for what it asks above that."
    ),
    N_("Visit {visit} ({day}): out-of-pocket maximum reached ({subject}); balance bills go on."),
)


# In place of the words above where the plan has a yearly maximum, which begins again too.
_MAXIMUM_RESTARTS = (
    N_(
        "At visit {visit}, on {day}, a new benefit year starts: your deductible, your yearly maximum and your visits "
        "begin again."
    ),
    N_("Visit {visit} ({day}): benefit year restarts."),
)


def crossing_says(crossing: CrossingPoint, telling: Telling, *, billed_on: bool = False) -> str:
    """Return what changes, and at which visit; `billed_on` where a balance bill comes at that visit or later."""
    words = _crossing_words(crossing.kind)
    if billed_on and crossing.kind is CrossingKind.OUT_OF_POCKET_MAX_REACHED:
        words = _BILLED_ON
    has_maximum = any(network.out_of_pocket_max for network in telling.plan.networks.values())
    if has_maximum and crossing.kind is CrossingKind.BENEFIT_YEAR_RESTARTS:
        words = _MAXIMUM_RESTARTS
    is_patient = telling.reader == PATIENT
    return _(words[0] if is_patient else words[1]).format(
        visit=crossing.visit,
        day=long_day(crossing.day),
        subject=(plain(crossing.subject) if is_patient else crossing.subject) or _("of the plan"),
        what=telling.what_of(crossing.subject),
        limit=telling.limit(crossing.subject),
        whole=telling.limit_with_extension(crossing.subject),
    )
