"""A remittance is read to the cent; what does not add up is refused with its sum, and reversals cancel out."""

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from estimator.billing.remittance import (
    MOST_BYTES,
    Adjustment,
    PaidClaim,
    PaidLine,
    Remittance,
    learn,
    net,
    read_remittance,
    remittance_json,
    standing,
)
from estimator.cli import main
from estimator.engine.values import ZERO, Money
from estimator.errors import RemittanceRefused

_ISA = "ISA*00*          *00*          *ZZ*PAYERID        *ZZ*CLINICID       *261002*0900*^*00501*000000001*0*P*:~"
# Everything here that tells who somebody is; none of it may be shown anywhere.
_WHO = ("QUILLFEATHER", "ROSALIND", "ZQ4455667788")
_PERSON = "NM1*QC*1*QUILLFEATHER*ROSALIND****MI*ZQ4455667788~"


def remittance(paid: str, *segments: str, payer: str = "EVERGREEN MUTUAL") -> str:
    """Return an 835 of one payment with these segments from the first claim on."""
    head = f"ST*835*0001~BPR*I*{paid}*C*ACH~TRN*1*EFT1*1999999999~DTM*405*20261002~N1*PR*{payer}~N1*PE*CLINIC~LX*1~"
    named = [part for one in segments for part in ([one, _PERSON[:-1]] if one.startswith("CLP") else [one])]
    body = head + "".join(f"{segment}~" for segment in named)
    end = f"SE*{body.count('~') + 1}*0001~GE*1*1~IEA*1*000000001~"
    return f"{_ISA}GS*HP*PAYERID*CLINICID*20261002*0900*1*X*005010X221A1~{body}{end}"


# A deductible, coinsurance, and needling denied as not medically necessary.
_PLAIN = (
    "CLP*T77*1*255*60*38*12*PAYER1*11*1",
    "SVC*HC:97110:GP*120*52**2",
    "DTM*472*20260914",
    "CAS*CO*45*30",
    "CAS*PR*1*25**2*13",
    "AMT*B6*90",
    "SVC*HC:97140:GP:59*50*8**1",
    "DTM*472*20260914",
    "CAS*CO*45*42",
    "SVC*HC:20561:GP*85*0**1",
    "DTM*472*20260914",
    "CAS*CO*50*85",
    "LQ*HE*N130",
)


def read(paid: str, *segments: str) -> Remittance:
    """Read a payment of these claims."""
    return read_remittance(remittance(paid, *segments).encode())


def only(*segments: str) -> tuple[PaidClaim, PaidLine]:
    """Read a payment of one claim with one line."""
    (claim,) = read(segments[0].split("*")[4], *segments).claims
    (line,) = claim.lines
    return claim, line


def test_a_claim_is_read_with_its_lines() -> None:
    """Charge, paid and patient; code, modifiers, units, day, allowed, adjustments and remarks of each line."""
    found = read("60", *_PLAIN)

    (claim,) = found.claims
    assert ((), ()) == (found.problems, found.notes)
    assert ("T77", "1", "EVERGREEN MUTUAL", "12") == (claim.number, claim.status, claim.payer, claim.kind)
    assert (25500, 6000, 3800) == (claim.charge, claim.paid, claim.patient)
    exercise = (
        Adjustment("CO", "45", Money(3000)),
        Adjustment("PR", "1", Money(2500)),
        Adjustment("PR", "2", Money(1300)),
    )
    day = date(2026, 9, 14)
    assert PaidLine("97110", ("GP",), 2, day, Money(12000), Money(5200), Money(9000), exercise) == claim.lines[0]
    assert (("GP", "59"), ("N130",)) == (claim.lines[1].modifiers, claim.lines[2].remarks)


@pytest.mark.parametrize(
    ("allowed", "segments"),
    [
        (Money(7000), ("CLP*1*1*100*50*20*12", "SVC*HC:97110*100*50**1", "CAS*CO*45*30", "CAS*PR*3*20")),
        (Money(7000), ("CLP*1*1*100*49*20*MB", "SVC*HC:97110*100*49**1", "CAS*CO*45*30**253*1", "CAS*PR*2*20")),
        (Money(7500), ("CLP*1*1*100*50*20*12", "SVC*HC:97110*100*50**1", "CAS*CO*45*30", "CAS*PR*3*20", "AMT*B6*75")),
        (None, ("CLP*1*4*100*0**12", "SVC*HC:97110*100*0**1", "CAS*CO*197*100")),
        (None, ("CLP*1*1*100*0*100*12", "SVC*HC:97110*100*0**1", "CAS*PR*96*100")),
        (None, ("CLP*1*2*100*20**12", "SVC*HC:97110*100*20**1", "CAS*OA*23*80")),
        (None, ("CLP*1*1*100*50**12", "CAS*CO*A2*20", "SVC*HC:97110*100*70**1", "CAS*CO*45*30")),
        (None, ("CLP*1*22*-100*-50*-20*12", "SVC*HC:97110*-100*-50**1", "CAS*CO*45*-30", "CAS*PR*3*-20")),
    ],
    ids=["charge less CO", "sequestration", "stated", "denied", "patient's", "secondary", "off the claim", "reversal"],
)
def test_the_allowed_amount_is_stated_or_worked_out_or_unknown(
    allowed: Money | None, segments: tuple[str, ...]
) -> None:
    """It is the payer's own figure, else paid with the patient's share; a line without a price shows none."""
    _, line = only(*segments)

    assert allowed == line.allowed


@pytest.mark.parametrize("marks", ["|:~", "*>~", "*:\n", "*:'"])
def test_other_separators_are_read(marks: str) -> None:
    """As the ISA declares them."""
    element, component, terminator = marks
    text = remittance("60", *_PLAIN).translate({ord("*"): element, ord(":"): component, ord("~"): terminator})

    assert read("60", *_PLAIN).claims == read_remittance(text.encode()).claims


@pytest.mark.parametrize("service", ["HC>97110>GP", "HC^97110^GP"])
def test_a_composite_with_a_separator_that_nobody_declared_is_read(service: str) -> None:
    """Some payers declare one mark and use another."""
    _, line = only("CLP*1*1*100*70**12", f"SVC*{service}*100*70**1.00", "CAS*CO*45*30")

    assert ("97110", ("GP",), 1) == (line.code, line.modifiers, line.units)


def test_a_code_parted_from_its_qualifier_moves_the_figures_back() -> None:
    """The line is read, and told as odd."""
    found = read("70", "CLP*1*1*100*70**12", "SVC*HC*97110.00*100*70**1", "CAS*CO*45*30")

    line = found.claims[0].lines[0]
    assert ("97110", 10000, 7000) == (line.code, line.charge, line.paid)
    assert 1 == len(found.notes)


def test_a_claim_that_does_not_add_up_is_refused_alone() -> None:
    """The sum stands in the problem; the other claim is kept, since the payment matches."""
    other = ("CLP*2*1*60*40**12", "SVC*HC:97140*60*40**1", "CAS*CO*45*19.99")

    found = read("100", *_PLAIN, *other)

    assert ["T77"] == [claim.number for claim in found.claims]
    told = [str(problem) for problem in found.problems]
    assert 2 == len(told)
    assert all("$20.00" in words and "$19.99" in words for words in told)


def test_lines_that_miss_a_part_of_the_charge_are_refused() -> None:
    """Part of the claim may be lost."""
    found = read("40", "CLP*2*1*90*40**12", "CAS*CO*45*30", "SVC*HC:97140*60*40**1", "CAS*CO*45*20")

    assert () == found.claims
    assert "charged $90.00, but its lines come to $60.00" in found.problems[0].message


def test_a_payment_that_does_not_match_its_claims_is_refused_whole() -> None:
    """A cent is enough."""
    found = read("60.01", *_PLAIN)

    assert ((), ZERO) == (found.claims, found.paid)
    assert "$60.01 was paid, but the claims come to $60.00" in found.problems[0].message


def test_entries_on_the_account_count_toward_the_payment() -> None:
    """A take-back lowers the payment and interest raises it."""
    found = read("41.25", *_PLAIN, "PLB*1999999999*20261231*WO:OLD1*20*L6:INTEREST*-1.25")

    assert [("WO", "OLD1", 2000), ("L6", "INTEREST", -125)] == [
        (one.reason, one.reference, one.amount) for one in found.account
    ]
    assert () == found.problems


def test_a_file_that_ends_within_a_payment_is_refused() -> None:
    """Nothing of it counts."""
    text = remittance("60", *_PLAIN)

    found = read_remittance(text[: text.index("SVC*HC:20561")].encode())

    assert ((), 1) == (found.claims, len(found.problems))
    assert "ends within a payment" in found.problems[0].message


def test_an_amount_that_is_none_is_told_with_its_place() -> None:
    """The segment and the element."""
    found = read("60", *_PLAIN[:1], "SVC*HC:97110*1OO*60**1")

    assert "segment 12 (SVC): SVC02 must be an amount" in str(found.problems[0])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "No payment starts here"),
        (b"hello", "No payment starts here"),
        (remittance("0").replace("ST*835", "ST*837").encode(), "This is a claim (837)"),
        (remittance("0").replace("ST*835", "ST*271").encode(), "estimator eligibility"),
        (b" " * (MOST_BYTES + 1), "at most 10 MB"),
    ],
    ids=["empty", "text", "837", "271", "too large"],
)
def test_another_file_is_refused_with_what_to_give(content: bytes, says: str) -> None:
    """In words."""
    with pytest.raises(RemittanceRefused) as caught:
        read_remittance(content)

    assert says in caught.value.problems[0].message


_REVERSED = (
    "CLP*T77*22*-120*-52*-38*12*PAYER1",
    "SVC*HC:97110:GP*-120*-52**2",
    "DTM*472*20260914",
    "CAS*CO*45*-30",
    "CAS*PR*1*-25**2*-13",
)
_CORRECTED = (
    "CLP*T77*1*120*80*10*12*PAYER1",
    "SVC*HC:97110:GP*120*80**2",
    "DTM*472*20260914",
    "CAS*CO*45*30",
    "CAS*PR*3*10",
)


def test_a_reversal_and_its_correction_net_out() -> None:
    """The line that was taken back no longer stands, and the sums are those of the correction."""
    first = read("60", *_PLAIN)
    second = read("28", *_REVERSED, *_CORRECTED)

    claims = (*first.claims, *second.claims)

    assert [("97140", 800), ("20561", 0), ("97110", 8000)] == [(line.code, line.paid) for _, line in standing(claims)]
    (sums,) = net(claims)
    assert (25500, 8800, 1000, 3) == (sums.charge, sums.paid, sums.patient, sums.payments)


def test_a_reversal_of_what_nobody_gave_takes_nothing_away() -> None:
    """The original is in a file that is not here."""
    claims = read("28", *_REVERSED, *_CORRECTED).claims

    assert [8000] == [line.paid for _, line in standing(claims)]


def test_what_a_payer_allows_is_learned_by_the_unit() -> None:
    """The therapy reduction (59) is added back; assistants and what was reversed do not count."""
    reduced = ("SVC*HC:97110:GP*60*33**1", "DTM*472*20260920", "CAS*CO*45*20**59*7")
    assistant = ("SVC*HC:97110:GP:CQ*60*30**1", "DTM*472*20260920", "CAS*CO*45*30")
    claims = read("123", *_PLAIN, "CLP*8*1*120*63**12", *reduced, *assistant).claims

    by_code = {one.code: one for one in learn(claims)}

    exercise = by_code["97110"]
    assert ("EVERGREEN MUTUAL", "PPO", 2) == (exercise.payer, exercise.plan, exercise.count)
    assert (4000, 4000, 4500) == (exercise.low, exercise.median, exercise.high)
    assert date(2026, 9, 20) == exercise.last_seen
    assert "20561" not in by_code


def test_nobody_is_shown() -> None:
    """Names and member numbers are in no part of what was read, nor in a problem."""
    found = read("60", *_PLAIN, "CLP*2*1*60*0**12", "SVC*HC:97140*60*40**1")

    shown = json.dumps(remittance_json(found)) + repr(found)
    assert not [who for who in _WHO if who in shown]


def run(*words: object) -> Result:
    """Run the command."""
    return CliRunner().invoke(main, ["remittance", *map(str, words)], catch_exceptions=False)


def test_the_command_prints_json(tmp_path: Path) -> None:
    """Amounts are text, days as the file writes them."""
    file = tmp_path / "one.835"
    file.write_text(remittance("60", *_PLAIN), "utf-8")

    told = run(file, "--json")

    answer = json.loads(told.stdout)
    line = {
        "code": "97140",
        "mods": ["GP", "59"],
        "units": 1,
        "date": "20260914",
        "charge": "50.00",
        "paid": "8.00",
        "allowed": "8.00",
        "patient": "0.00",
        "adjustments": [["CO", "45", "42.00"]],
        "remarks": [],
    }
    assert (0, line) == (told.exit_code, answer["claims"][0]["lines"][1])
    assert ([], []) == (answer["plb"], answer["problems"])


def test_the_command_ends_with_2_where_something_is_refused(tmp_path: Path) -> None:
    """What could be read is printed all the same, with the problem."""
    good, bad = tmp_path / "good.835", tmp_path / "bad.835"
    good.write_text(remittance("60", *_PLAIN), "utf-8")
    bad.write_text("nothing", "utf-8")

    told = run(good, bad, "--json")

    answer = json.loads(told.stdout)
    assert (2, 1, 1) == (told.exit_code, len(answer["claims"]), len(answer["problems"]))
    assert "bad.835" in told.stderr


def test_the_command_tells_a_reader(tmp_path: Path) -> None:
    """Claims and what is allowed, in words."""
    file = tmp_path / "one.835"
    file.write_text(remittance("60", *_PLAIN), "utf-8")

    told = run(file).stdout

    assert "claim T77: charged $255.00, paid $60.00, patient $38.00" in told
    assert "97110 allowed at $45.00 a unit (1 line)" in told
