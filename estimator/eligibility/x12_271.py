"""A 271 becomes an eligibility: each EB a statement, each rejection a reason and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import takewhile

from estimator.eligibility.buckets import assembled
from estimator.eligibility.filters import belongs_to, carved_out, year_from
from estimator.eligibility.messages import (
    ages_in,
    network,
    own_words,
    setting_in,
    speaks_of_rest,
    speaks_of_use,
    without_network,
)
from estimator.eligibility.statements import (
    ACCUMULATING,
    COVERING,
    DECEASED,
    EVERY,
    FIGURED,
    INSTEAD,
    SHARES,
    UNUSUAL_SHARE,
    WHOLE_PLAN,
    Ages,
    Aspect,
    Authorization,
    Benefit,
    Block,
    Eligibility,
    Figure,
    Hidden,
    Kind,
    Level,
    Network,
    Note,
    Origin,
    Rejection,
    dates_of_birth,
    money_of,
    read_count,
    read_day,
    read_money,
    read_pattern_count,
    read_share,
    read_span,
)
from estimator.eligibility.x12_text import (
    AUTHORIZATIONS,
    KINDS,
    LEVELS,
    NETWORKS,
    OF_CHILD,
    OF_SEVERAL,
    OLDEST,
    OTHERS,
    PERIODS,
    QUANTITY_USED,
    TELLING,
    UNITS,
    UNITS_OF_HSD,
    UNLIMITED,
    YOUNGEST,
    Layout,
    Person,
    Segment,
    answers,
    layout_of,
    oddities,
    people,
    read_segments,
    refusals,
    trace_of,
)
from estimator.engine.values import ALWAYS, Rate, Span
from estimator.errors import EligibilityRefused, Problem, SeveralAnswers

_FIRST_DAYS = ("346", "356", "348", "291", "307")
_LAST_DAYS = ("347", "357", "349")
_ELIGIBILITY = "307"
_OPENING = frozenset("12345678")
_PARTS_OF_MEDICARE = ("MA", "MB")
_OTHER_PAYER = "R"
_ORGANIZATION = "2"
_RANGE_END = 7
_DIAGNOSES = ("BF", "BK", "ABF", "ABK")
_YEARLY = ("", "calendar year", "service year", "contract year", "year to date")
_DEPENDENTS = re.compile(r"\bDEPENDENTS?\b|\bSTUDENTS?\b", re.IGNORECASE)
_PATIENTS = ("IL", "03")
_PLAN_NUMBER = "18"
_NO_SEGMENTS = "No segment of X12 was found. A 271 starts with ISA and holds lines such as EB*B*IND*PT*…~."
_NO_ANSWER = "It holds no benefit (EB) and no rejection (AAA), so that there is nothing to read. Give the whole 271."
_EXPECTED_KIND = "Expected was 1 (active), A (coinsurance), B (copay), C (deductible), F (limit) or G (maximum)."


# Real answers have at most some hundred statements.
_MOST_SEGMENTS, _MOST_STATEMENTS = 20_000, 2_000
# A year's visits, those used and left, a week's, a day's.
_MOST_PATTERNS = 6
_TOO_MUCH = f"It has more than {_MOST_STATEMENTS:,} statements (EB). Ask the payer about physical therapy alone."
# Messages of real answers come to some ten thousand characters; each is compared with much.
_MOST_WORDS = 100_000
_TOO_MANY_WORDS = f"Its messages (MSG) hold more than {_MOST_WORDS:,} characters. Ask about physical therapy alone."
# What several answers share, such as a subscriber's address, stands in each of them.
_MOST_REPEATED = 20 * _MOST_SEGMENTS
_TOO_MUCH_REPEATED = "Its answers share too much: more than 400,000 segments, each read alone. Split the file."


def read_271(text: str, which: int | None = None) -> Eligibility:
    """Return what a 271 says; raise EligibilityRefused with every problem where it says nothing that can be used.

    Of several answers it is the one of this number; raises SeveralAnswers where there is none.
    """
    # Counted before anything is read: a segment ends with one of these.
    if max(map(text.count, "~'\n")) > _MOST_SEGMENTS or len(re.findall("EB[^A-Za-z0-9]", text)) > 2 * _MOST_STATEMENTS:
        raise EligibilityRefused((Problem("file", _TOO_MUCH),))
    interchange = read_segments(text)
    segments = interchange.segments
    if not segments:
        raise EligibilityRefused((Problem("file", _NO_SEGMENTS),))
    if len(segments) > _MOST_SEGMENTS:
        raise EligibilityRefused((Problem("file", _TOO_MUCH),))
    notes, hidden, problems = [*interchange.notes, *oddities(segments)], _hidden(segments), list(refusals(segments))
    if not problems:
        segments = _meant(segments, hidden, which)
    if sum(segment.id == "EB" for segment in segments) > _MOST_STATEMENTS:
        raise EligibilityRefused((Problem("file", _TOO_MUCH),))
    if sum(len(segment.text) for segment in segments if segment.id == "MSG") > _MOST_WORDS:
        raise EligibilityRefused((Problem("file", _TOO_MANY_WORDS),))
    answered = [person for person in people(segments) if person.is_answered]
    rejections = tuple(rejection_of(segment) for segment in segments if segment.id == "AAA")
    if not problems and not answered and not rejections:
        problems.append(Problem("file", _NO_ANSWER))
    if problems:
        raise EligibilityRefused((*problems, *(Problem(note.place, note.says) for note in notes)))
    person = answered[0] if answered else Person(is_dependent=False, segments=())
    answered_on = _answered_on(segments)
    benefits = list(_statements(grouped(person.segments), hidden, notes, person.levels))
    if len(benefits) > _MOST_STATEMENTS:
        # An EB may state two things.
        raise EligibilityRefused((Problem("file", _TOO_MUCH),))
    return assembled(
        Eligibility(
            form="271",
            payer=hidden.without(_payer(segments)),
            plan=_plan(benefits),
            answered_on=answered_on,
            dates=_dates(segments),
            is_dependent=person.is_dependent,
            benefits=tuple(benefits),
            rejections=rejections,
            notes=tuple(notes),
            age=_age(person.segments, answered_on),
            alerts=tuple(_alerts(person.segments, segments)),
        )
    )


def _statements(groups: Sequence[Group], hidden: Hidden, notes: list[Note], levels: Sequence[str]) -> Iterator[Benefit]:
    tiers, room = _tiers(groups), _MOST_STATEMENTS - len(groups)
    others = _plans_of_others(groups, hidden)
    for group, block in _under_plans(groups, hidden):
        code = group.eb.element(1).upper()
        if code in KINDS or code in OTHERS:
            kind = KINDS.get(code, Kind.OTHER)
            parted = _by_pattern(group, min(room, _MOST_PATTERNS)) if kind is Kind.LIMIT else (group,)
            room -= len(parted) - 1
            for one in parted:
                stated = _of_patient(statement_of(one, kind, hidden), group.eb, levels)
                if group.eb.element(2).upper() in tiers:
                    stated = replace(stated, level=Level.FAMILY)
                if code in TELLING and _touches_therapy(code, stated):
                    notes.append(Note(group.eb.place, TELLING[code] + _reached(stated)))
                stated = _under(stated, block)
                is_of_other = code == _OTHER_PAYER or stated.plan.upper() in others
                yield from _apart(replace(stated, is_other_payer=is_of_other), code)
        elif not code:
            words = f"EB01 is empty, so that nobody can tell what is said. {_EXPECTED_KIND}"
            notes.append(Note(group.eb.place, words))
        else:
            notes.append(Note(group.eb.place, f"EB01 holds no code that we know. {_EXPECTED_KIND}"))


def _plans_of_others(groups: Sequence[Group], hidden: Hidden) -> set[str]:
    """Return the names of the plans that only another payer has: their figures are none of this one's."""
    told = [(group.eb.element(1).upper(), hidden.without(_plan_name(group.eb)).upper()) for group in groups]
    own = {name for code, name in told if code in _OPENING}
    return {name for code, name in told if code == _OTHER_PAYER and name} - own


def _tiers(groups: Sequence[Group]) -> set[str]:
    """Return the tiers that the cover itself is of, such as employee and spouse: what they share is the family's."""
    levels = {group.eb.element(2).upper() for group in groups if KINDS.get(group.eb.element(1)) is Kind.ACTIVE}
    return levels & set(OF_SEVERAL)


def _by_pattern(group: Group, most: int) -> Sequence[Group]:
    """Part an EB whose limit is several patterns, such as 30 a year and 12 left, into a statement for each."""
    patterns = {each.elements: each for each in group.all("HSD") if each.element(1) in UNITS and each.element(2)}
    patterns = {key: each for key, each in patterns.items() if each.element(1) not in (OLDEST, YOUNGEST)}
    if not 2 <= len(patterns) <= most or group.eb.element(7) or group.eb.element(10):
        return (group,)
    others = [each for each in group.below if each.elements not in patterns]
    return [Group(group.eb, [*others, each], group.entity, each) for each in patterns.values()]


def _of_patient(stated: Benefit, eb: Segment, levels: Sequence[str]) -> Benefit:
    """Return what is said of the patient by another word than "person"; dependents may share an amount or a count."""
    level = eb.element(2).upper()
    is_of_one = level not in OF_CHILD or stated.kind not in ACCUMULATING
    return replace(stated, level=Level.PERSON) if level in levels and is_of_one else stated


def _touches_therapy(code: str, stated: Benefit) -> bool:
    """Tell whether a note matters here: another organization for teeth or drugs is none of ours."""
    return code not in ("U", "MC") or not stated.services or bool(set(EVERY) & set(stated.services))


def _reached(stated: Benefit) -> str:
    return f" It names {stated.entity}." if stated.entity else ""


def _under(stated: Benefit, block: Block) -> Benefit:
    """Return a statement under its plan, whose insurance type it shares unless that is a part of Medicare."""
    inherited = "" if block.insurance in _PARTS_OF_MEDICARE else block.insurance
    if stated.network is Network.UNSAID and stated.kind in FIGURED and block.network is not Network.UNSAID:
        stated = replace(stated, network=block.network, doubts=(*stated.doubts, _OF_THE_PLANS_NAME))
    return replace(stated, block=block, plan=stated.plan or block.plan, insurance=stated.insurance or inherited)


def _apart(stated: Benefit, code: str) -> Iterator[Benefit]:
    """Part an amount and a count of one EB: two limits, so that "no limit" clears only its own quantity.

    So are a copay and a share in one EB, which a visit costs both.
    """
    stated = replace(stated, is_managed=code in ("MC", "U"))
    has_money = stated.amount is not None or stated.is_unlimited
    if stated.kind is Kind.LIMIT and has_money and stated.quantity is not None:
        yield replace(stated, quantity=None, unit="")
        yield replace(stated, amount=None, is_unlimited=False)
    elif stated.kind is Kind.COPAY and stated.amount is not None and stated.rate is not None:
        yield replace(stated, rate=None)
        yield replace(stated, kind=Kind.COINSURANCE, amount=None)
    else:
        yield stated


def _under_plans(groups: Sequence[Group], hidden: Hidden) -> Iterator[tuple[Group, Block]]:
    """Yield each EB with the plan that it is said of: that of the last active or inactive EB that names one."""
    known: dict[tuple[str, str], Block] = {}
    now = medical = Block()
    for group in groups:
        code, services = group.eb.element(1).upper(), _services(group.eb)
        name = hidden.without(_plan_name(group.eb))
        insurance = group.eb.element(4).upper()
        if code in _OPENING:
            own = without_network(name or now.plan)
            key = own.upper(), insurance if insurance in _PARTS_OF_MEDICARE else ""
            if name or key[1]:
                fresh = Block(len(known) + 1, own, insurance, carved_out(name, services))
                # One plan may be named by its network: the block is the same, and its statements are of that network.
                now = replace(known.setdefault(key, fresh), network=network([name]) if name else now.network)
            elif now.carved and not belongs_to(now.carved, services):
                now = medical
            medical = medical if now.carved else now
            yield group, now
        else:
            yield group, _named(name, insurance, now, known) if name else _insured(insurance, now, known.values())


def _named(name: str, insurance: str, now: Block, known: Mapping[tuple[str, str], Block]) -> Block:
    """Return the plan that an EB names in EB05, with the network that the name holds."""
    carved = carved_out(name, ())
    stands_apart = Block(-1, name, insurance, carved) if carved and carved != now.carved else now
    block = known.get((without_network(name).upper(), ""), stands_apart)
    return replace(block, network=network([name]))


def _insured(insurance: str, now: Block, known: Iterable[Block]) -> Block:
    """Return the plan that an EB without a name stands under: another one where EB04 is that of another alone."""
    if not insurance or insurance in (now.insurance, *_PARTS_OF_MEDICARE) or not now.insurance:
        return now
    others = [block for block in known if block.insurance == insurance]
    return others[0] if len(others) == 1 else now


def _plan_name(eb: Segment) -> str:
    """Return the name of a plan in EB05; a code of a period there is one that has slipped."""
    written = eb.element(5)
    return "" if written in PERIODS else written


def _services(eb: Segment) -> tuple[str, ...]:
    return tuple(dict.fromkeys(re.findall(r"[A-Z0-9]{1,3}", eb.element(3).upper())))


def _age(segments: Sequence[Segment], day: date | None) -> int | None:
    """Return the patient's age on a day, by the date of birth of the person who is answered for."""
    born = next((read_day(each.element(2)) for each in segments if each.id == "DMG"), None)
    if born is None or day is None or born > day:
        return None
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _meant(segments: tuple[Segment, ...], hidden: Hidden, which: int | None) -> tuple[Segment, ...]:
    """Return the segments of the answer of this number; raise SeveralAnswers where there is none."""
    every: list[tuple[Segment, ...]] = []
    size = 0
    for answer in answers(segments):
        size += len(answer)
        if size > _MOST_REPEATED:
            raise EligibilityRefused((Problem("file", _TOO_MUCH_REPEATED),))
        every.append(answer)
    if len(every) < 2 and which in (None, 1):
        return segments
    if which is None or not 1 <= which <= len(every):
        # A trace is shown unless another element hides it.
        others = _hidden([segment for segment in segments if segment.id != "TRN"])
        raise SeveralAnswers.listed([_called(each, hidden, others) for each in every], which)
    return every[which - 1]


def _called(answer: Sequence[Segment], hidden: Hidden, others: Hidden) -> str:
    """Return what an answer is called among others: the trace of its question, and nothing that tells who it is."""
    trace = others.without(trace_of(answer))
    is_dependent = any(person.is_dependent for person in people(answer) if person.is_answered)
    said = sum(segment.id == "EB" for segment in answer)
    words = [
        f"trace {trace}" if trace and trace != INSTEAD else "no trace",
        hidden.without(_payer(answer)),
        "dependent" if is_dependent else "subscriber",
        f"{said} benefits" if said else "refused",
    ]
    return ", ".join(filter(None, words))


def _hidden(segments: Sequence[Segment]) -> Hidden:
    """Gather whatever in a file tells who somebody is. A payer and an organization are no persons."""
    names: list[str] = []
    others: list[str] = []
    for segment in segments:
        match segment.id:
            case "NM1" if segment.element(1) in _PATIENTS or segment.element(2) == "1":
                # Where elements are shifted, a name stands in another place.
                names += [
                    element for place, element in enumerate(segment.elements, start=1) if place > 2 and place != 8
                ]
            case "PER":
                names.append(segment.element(2))
                others += [segment.element(place) for place in (4, 6, 8)]
            case "N3":
                others += [" ".join(filter(None, map(str.strip, segment.elements))), *segment.elements]
            case "N4":
                others += [segment.element(1), segment.element(3)]
            case "DMG":
                others += dates_of_birth(segment.element(2))
            case "REF" if segment.element(1) != _PLAN_NUMBER:
                others += [segment.element(2), segment.element(3)]
            case "TRN":
                others += segment.elements[1:]
    return Hidden.of(names, others)


def _payer(segments: Sequence[Segment]) -> str:
    named = (segment for segment in segments if segment.id == "NM1" and segment.element(1) == "PR")
    payer = next(named, None)
    return payer.element(3) if payer is not None and payer.element(2) == "2" else ""


def _plan(benefits: Iterable[Benefit]) -> str:
    """Return the name of the plan: that of the active coverage, else the first that is named; never another payer's."""
    own = (benefit for benefit in benefits if not benefit.is_other_payer)
    ordered = sorted(own, key=lambda benefit: benefit.kind is not Kind.ACTIVE)
    return next((benefit.plan for benefit in ordered if benefit.plan), "")


def _answered_on(segments: Sequence[Segment]) -> date | None:
    for id, place in (("BHT", 4), ("GS", 4)):
        for segment in segments:
            if segment.id == id and (day := read_day(segment.element(place))):
                return day
    return None


def _dates(segments: Sequence[Segment]) -> Span:
    """Return when the coverage holds by the dates that stand with the person, before any EB."""
    first = last = ""
    is_asked_about = any(_is_medicare(segment) for segment in segments)
    for segment in _before_benefits(segments):
        start, _, end = segment.element(3).partition("-")
        if segment.id != "DTP" or (segment.element(1) == _ELIGIBILITY and is_asked_about):
            # Medicare repeats here the days that were asked about.
            continue
        if segment.element(1) in _FIRST_DAYS:
            first, last = first or start, last or end
        elif segment.element(1) in _LAST_DAYS:
            last = last or start
    return read_span(first, last)


# Days of a person whose passing a reader must know of; that of a death is told without its day, which tells who it was.
_DEATH = "442"
_ENDING = {
    "341": "COBRA cover ends on {day}: ask about cover after that day.",
    "343": "Premiums are paid to {day}: claims after that day may be held or denied.",
    "540": "The policy expires on {day}: ask about cover after that day.",
}


def _alerts(patient: Sequence[Segment], every: Sequence[Segment]) -> Iterator[str]:
    """Tell of the days that stand with the patient, or with the subscriber, before any EB."""
    if any(each.id == "DTP" and each.element(1) == _DEATH for each in _before_benefits(patient)):
        yield DECEASED
    told = {
        each.element(1): day
        for each in _before_benefits(every)
        if each.id == "DTP" and (day := read_day(each.element(3).rpartition("-")[2]))
    }
    yield from (words.format(day=told[code]) for code, words in _ENDING.items() if code in told)


def _before_benefits(segments: Iterable[Segment]) -> Iterator[Segment]:
    return takewhile(lambda segment: segment.id != "EB", segments)


def _is_medicare(segment: Segment) -> bool:
    return segment.id == "NM1" and segment.element(1) == "PR" and segment.element(3).upper() in ("CMS", "MEDICARE")


# ----------------------------------------------------------------------------
# One EB with the segments under it becomes a statement: HSD (how often), DTP (when), III (where) and MSG (in words).
#
# What a message says of the network counts only where the EB is silent; where both speak and disagree, that is a
# contradiction.
# ----------------------------------------------------------------------------

_NOTHING = Figure(None)
_UNUSUAL = Rate(600_000)
_OF_THE_PLANS_NAME = "Its network is read from the name of its plan."


@dataclass(slots=True)
class Group:
    """An EB and what stands under it; of what stands within LS and LE only the first organization's name is kept.

    Where it states several limits in patterns (HSD), `pattern` is the one that is meant here.
    """

    eb: Segment
    below: list[Segment] = field(default_factory=list)
    entity: str = ""
    pattern: Segment | None = None

    def all(self, id: str) -> list[Segment]:
        """Return the segments of this kind under the EB."""
        return [segment for segment in self.below if segment.id == id]


def grouped(segments: Iterable[Segment]) -> list[Group]:
    """Return the groups of an answer in their order."""
    groups: list[Group] = []
    is_inside_loop = False
    for segment in segments:
        if segment.id == "EB":
            groups.append(Group(segment))
        is_inside_loop = segment.id == "LS" or (is_inside_loop and segment.id not in ("LE", "EB"))
        if groups and segment.id in ("HSD", "DTP", "III", "MSG") and not is_inside_loop:
            groups[-1].below.append(segment)
        elif groups and segment.id == "NM1" and is_inside_loop and segment.element(2) == _ORGANIZATION:
            groups[-1].entity = groups[-1].entity or segment.element(3)
    return groups


def statement_of(group: Group, kind: Kind, hidden: Hidden) -> Benefit:
    """Return what an EB of this kind says."""
    layout = layout_of(group.eb, kind)
    words = [Origin(said.number, said.place, hidden.without(said.element(1))) for said in group.all("MSG")]
    texts = [message.text for message in words]
    is_used_amount = group.eb.element(1).upper() == "D" and speaks_of_use(texts)
    kind = Kind.LIMIT if is_used_amount and layout.amount else kind
    period, aspect = PERIODS.get(layout.period, ("", Aspect.TOTAL))
    codes, last, modifiers = _procedures(layout.procedure)
    own = own_words(texts, is_nothing=kind in SHARES and _is_nothing(layout.amount or layout.share))
    # To what age dependents are covered is no age of the cover itself.
    aged = [text for text in own if kind not in COVERING or not _DEPENDENTS.search(text)]
    source = group.pattern or group.eb
    stated = Benefit(
        kind=kind,
        origin=Origin(source.number, source.place, hidden.without(source.text)),
        network=NETWORKS.get(layout.network, Network.UNSAID),
        level=LEVELS.get(group.eb.element(2).upper(), Level.UNSAID),
        aspect=Aspect.USED if is_used_amount else aspect,
        services=_services(group.eb),
        period=period,
        authorization=AUTHORIZATIONS.get(layout.authorization, Authorization.UNSAID),
        procedures=codes,
        procedure_last=last,
        modifiers=modifiers,
        places=tuple(sorted(said.element(2) for said in group.all("III") if said.element(1) == "ZZ")),
        plan=hidden.without(layout.plan),
        insurance=group.eb.element(4).upper(),
        messages=tuple(words),
        doubts=(layout.doubt,) if layout.doubt else (),
        is_repaired=layout.is_repaired,
        ages=_ages(layout, group.all("HSD"), aged),
        setting=setting_in(own),
        entity=hidden.without(group.entity),
        diagnoses=_diagnoses(group.all("III")),
        unclear=_unclear(group.eb),
    )
    stated = _with_figures(stated, layout, group.eb.element(1))
    stated = replace(stated, dates=_statement_dates(group.all("DTP"), stated))
    return _doubted(_with_network(_with_delivery(stated, group.all("HSD"))))


def _is_nothing(figure: str) -> bool:
    return re.fullmatch(r"0+\.?0*|\.0+", figure) is not None


def _diagnoses(limits: Iterable[Segment]) -> tuple[str, ...]:
    """Return the diagnoses that a statement holds for alone."""
    codes = {said.element(2).upper() for said in limits if said.element(1) in _DIAGNOSES}
    return tuple(sorted(code for code in codes if re.fullmatch(r"[A-Z0-9.]{3,8}", code)))


def _unclear(eb: Segment) -> str:
    """Name the code of whom a statement holds for where it is none of the standard."""
    level = eb.element(2).upper()
    return f"level {level}" if re.fullmatch(r"[A-Z0-9]{1,3}", level) and level not in LEVELS else ""


def _procedures(written: str) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    """Return the code of a composite such as HC:97010::::::97799, the end of its range, and its modifiers."""
    parts = re.split(r"[^A-Za-z0-9 ]", written.upper())
    codes = [part for part in parts[1:2] if re.fullmatch(r"[A-Z0-9]{5}", part)]
    last = parts[_RANGE_END] if len(parts) > _RANGE_END and re.fullmatch(r"[A-Z0-9]{5}", parts[_RANGE_END]) else ""
    modifiers = tuple(part for part in parts[2:6] if re.fullmatch(r"[A-Z0-9]{2}", part))
    return tuple(codes), last if codes and last > codes[0] else "", modifiers


def _ages(layout: Layout, patterns: Sequence[Segment], texts: Iterable[str]) -> Ages | None:
    """Return the ages that a statement holds for: by its quantities, else by its messages."""
    stated = [(layout.unit, layout.quantity), *((each.element(1), each.element(2)) for each in patterns)]
    bounds = {
        unit: number for unit, number in stated if unit in (OLDEST, YOUNGEST) and re.fullmatch(r"\d{1,3}", number)
    }
    if bounds:
        youngest, oldest = (int(bounds[unit]) if unit in bounds else None for unit in (YOUNGEST, OLDEST))
        return Ages(youngest, oldest)
    return ages_in(texts)


def _with_figures(stated: Benefit, layout: Layout, code: str) -> Benefit:
    amount = read_money(layout.amount) if layout.amount else _NOTHING
    is_age = layout.unit in (OLDEST, YOUNGEST)
    count = read_count(layout.quantity) if layout.quantity and not is_age else _NOTHING
    unit = "" if is_age else UNITS.get(layout.unit, "")
    is_used = layout.unit == QUANTITY_USED
    share = read_share(layout.share) if layout.share else None
    if code == UNLIMITED and (amount, count, unit) == (_NOTHING, _NOTHING, ""):
        unit = "visits"
    stated = _of_its_kind(stated, amount, share)
    return replace(
        stated,
        amount=money_of(amount),
        quantity=count.value,
        rate=share,
        unit="visits" if is_used else unit,
        aspect=Aspect.USED if is_used else stated.aspect,
        is_unlimited=amount.is_unlimited or count.is_unlimited or code == UNLIMITED,
        doubts=(*stated.doubts, *_doubts_of_share(layout.share)),
    )


def _of_its_kind(stated: Benefit, amount: Figure, share: Rate | None) -> Benefit:
    """Read a share where a copay was announced as the share that it is; dollars are no share."""
    if stated.kind is Kind.COPAY and share is not None and amount == _NOTHING:
        words = "EB01 says copay and EB08 holds a percentage, which is unusual. Read as coinsurance."
        return replace(stated, kind=Kind.COINSURANCE, doubts=(*stated.doubts, words))
    if stated.kind is Kind.COINSURANCE and share is None and amount.value:
        words = "EB01 says coinsurance and EB07 holds dollars. It is shown and not used: ask the payer."
        return replace(stated, doubts=(*stated.doubts, words))
    return stated


def _doubts_of_share(share: str) -> Iterable[str]:
    if share and not share.startswith("0") and re.match(r"[1-9]", share):
        yield f"EB08 holds “{share}” where the standard has a decimal such as .2. Read as a percentage."
    if share and read_share(share) >= _UNUSUAL:
        yield UNUSUAL_SHARE


def _with_delivery(stated: Benefit, patterns: Sequence[Segment]) -> Benefit:
    """Add how often a service is covered; it is the limit itself where the EB names no count and one pattern does."""
    patterns = [each for each in patterns if each.element(1) not in (OLDEST, YOUNGEST)]
    found: list[tuple[Figure, str, str, Aspect]] = []
    for pattern in patterns:
        try:
            count = read_pattern_count(pattern.element(2)) if pattern.element(2) else _NOTHING
        except ValueError as error:
            stated = replace(stated, doubts=(*stated.doubts, f"HSD02 {error}."))
            continue
        part = PERIODS.get(pattern.element(5), ("", Aspect.TOTAL))[1]
        found.append((count, UNITS.get(pattern.element(1), ""), _per(pattern), part))
    delivery = "; ".join(sorted(filter(None, (_pattern_words(*each) for each in found))))
    is_alone = stated.quantity is None and stated.amount is None and not stated.is_unlimited
    counts = list({each for each in found if each[0] != _NOTHING})
    if stated.kind is Kind.LIMIT and is_alone and len(counts) == 1 and not stated.doubts:
        count, unit, per, part = counts[0]
        aspect = part if stated.aspect is Aspect.TOTAL else stated.aspect
        stated = replace(stated, quantity=count.value, is_unlimited=count.is_unlimited, unit=unit, aspect=aspect)
        stated = replace(stated, period=stated.period or per)
    elif stated.kind is Kind.LIMIT and stated.amount is not None and stated.quantity is None and len(counts) == 1:
        # Dollars in the EB and visits in its pattern are two limits.
        count, unit, per, part = counts[0]
        is_one = not count.is_unlimited and not stated.doubts and part is stated.aspect and per in ("", stated.period)
        stated = replace(stated, quantity=count.value, unit=unit) if is_one else stated
    return replace(stated, delivery=delivery)


def _pattern_words(count: Figure, unit: str, per: str, part: Aspect) -> str:
    number = "no limit of" if count.is_unlimited else str(count.value or "")
    left = part if part is not Aspect.TOTAL else ""
    return " ".join(word for word in (number, unit, f"per {per}" if per else "", left) if word)


def _per(pattern: Segment) -> str:
    period = PERIODS.get(pattern.element(5), ("", Aspect.TOTAL))[0].removesuffix("s")
    number = pattern.element(6)
    if period:
        return f"{number} {period}s" if number.isdigit() and number not in ("", "1") else period
    return UNITS_OF_HSD.get(pattern.element(3), "")


def _with_network(stated: Benefit) -> Benefit:
    said = network(message.text for message in stated.messages)
    if stated.network is not Network.UNSAID or said is Network.UNSAID:
        return stated
    return replace(stated, network=said, doubts=(*stated.doubts, "Its network is read from its message."))


def _doubted(stated: Benefit) -> Benefit:
    doubts = list(stated.doubts)
    services = stated.services
    if not services and not stated.procedures and stated.kind in FIGURED:
        services = (WHOLE_PLAN,)
        doubts.append("It names no service type (EB03). Read as said of the plan as a whole.")
    if stated.aspect is Aspect.TOTAL and speaks_of_rest(message.text for message in stated.messages):
        doubts.append("Its message may speak of what is left; its period does not. Compare both.")
    return replace(stated, services=services, doubts=tuple(doubts))


# Days of a statement: those of the benefit go before those of the plan, and those before eligibility.
_RANGES = (("292", "348", "349"), ("291", "346", "347"), ("193", "193", "194"), ("307", "356", "357"))
_COORDINATION = "290"


def _statement_dates(segments: Sequence[Segment], stated: Benefit) -> Span:
    for whole, begin, end in (*_RANGES, (_COORDINATION, "", "")):
        found = [_span_of(segment, whole, end) for segment in segments if segment.element(1) in (whole, begin, end)]
        known = [span for span in found if span != ALWAYS]
        if known:
            first = max((span.first_day for span in known if span.first_day), default=None)
            last = min((span.last_day for span in known if span.last_day), default=None)
            if first and last and last < first:
                return ALWAYS
            is_yearly = stated.kind in ACCUMULATING and stated.period in _YEARLY and whole == "292"
            return year_from(first) if first and last is None and is_yearly else Span(first, last)
    return ALWAYS


def _span_of(segment: Segment, whole: str, end: str) -> Span:
    first, _, last = segment.element(3).partition("-")
    if segment.element(1) == end and end != whole:
        return read_span("", last or first)
    return read_span(first, last)


# ----------------------------------------------------------------------------
# Why a payer answered no benefits (AAA), in plain words, and what to do about it.
# ----------------------------------------------------------------------------

_REASONS = {
    "04": "More was asked for than the payer allows at once.",
    "15": "Something that the payer needs is missing from the question.",
    "33": "The question is wrong in a way that the payer does not name.",
    "35": "The provider has no contract for this network or group.",
    "41": "The sender of the question may not ask this payer.",
    "42": "The payer cannot answer now.",
    "43": "The provider’s identification is missing or wrong.",
    "44": "The provider’s name is missing or wrong.",
    "45": "The provider’s specialty is missing or wrong.",
    "46": "The provider’s telephone number is missing or wrong.",
    "47": "The provider’s state is missing or wrong.",
    "48": "The referring provider’s identification is missing or wrong.",
    "49": "The provider is not the patient’s primary care provider.",
    "50": "The provider may not ask: the payer does not let this provider see eligibility.",
    "51": "The payer does not know the provider.",
    "52": "The service dates do not fit the provider’s contract.",
    "53": "The payer does not answer for this kind of service over this line.",
    "54": "The payer does not answer for this kind of product over this line.",
    "55": "The product or service code does not fit.",
    "56": "The date of service is not a date that the payer knows.",
    "57": "The date of service is missing or wrong.",
    "58": "The date of birth is missing or wrong.",
    "60": "The date of birth is after the date of service.",
    "61": "The date of death is before the date of service.",
    "62": "The date of service is not within the time that the payer answers for.",
    "63": "The date of service lies in the future.",
    "64": "The patient’s number is missing or wrong.",
    "65": "The patient’s name is missing or wrong.",
    "66": "The patient’s sex is missing or wrong.",
    "67": "The payer does not find the patient.",
    "68": "The patient’s number stands twice in the payer’s list.",
    "69": "The patient’s sex does not fit the service.",
    "70": "The patient’s age does not fit the service.",
    "71": "The patient’s date of birth is not the one that the payer has.",
    "72": "The subscriber’s number is missing or wrong.",
    "73": "The subscriber’s name is missing or wrong.",
    "74": "The subscriber’s sex is missing or wrong.",
    "75": "The payer does not find the subscriber.",
    "76": "The subscriber’s number stands twice in the payer’s list.",
    "77": "The payer finds the subscriber, but not the patient.",
    "78": "The subscriber is not in the group or plan that was named.",
    "79": "The participant is not known to the payer.",
    "80": "The payer answered nothing: nothing is on file for what was asked.",
    "97": "The address is missing or wrong.",
    "98": "The payer does not answer for what was asked without an experimental agreement.",
    "AA": "An authorization number is not found.",
    "AE": "The payer needs a medical record to answer.",
    "AF": "The diagnosis is missing or wrong.",
    "AG": "The procedure is missing or wrong.",
    "AO": "More than one patient fits.",
    "CI": "The certification does not fit what is on file.",
    "IA": "The authorization number is wrong.",
    "MA": "The authorization number is missing.",
}
_THEN = {
    "C": "Correct it and ask again.",
    "N": "Do not ask again: call the payer.",
    "P": "Ask again as it is.",
    "R": "Ask again later.",
    "S": "Do not ask again: the payer has forwarded the question.",
    "W": "Wait 30 days and ask again.",
    "X": "Wait 10 days and ask again.",
    "Y": "Wait: the payer will answer by itself.",
}


def rejection_of(segment: Segment) -> Rejection:
    """Return what an AAA says; a reason that we do not know is told by its code."""
    reason, then = segment.element(3), segment.element(4)
    unknown = (
        f"The payer refused with the code {reason}, which we do not know." if len(reason) == 2 else "The payer refused."
    )
    origin = Origin(segment.number, segment.place, segment.text if segment.text.isascii() else "AAA")
    return Rejection(origin, _REASONS.get(reason, unknown), _THEN.get(then, "Call the payer."))
