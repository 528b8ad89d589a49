"""Allowed amounts are learned file by file: each counts once, reversals net out across files, and all can be undone."""

from collections.abc import Sequence

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from estimator.billing.remittance import learn, read_remittance, seen_lines
from estimator.cli.rates import market
from estimator.engine.values import Money
from estimator.errors import RatesRefused
from estimator.prices.store import market_in_use
from estimator.publishing.drafts import Signed
from estimator.publishing.learned import (
    Amount,
    Learned,
    SeenFile,
    forget_amount,
    forget_file,
    learn_from,
    learned_now,
    remember_amount,
)
from tests.billing.test_remittance import remittance

KEY = "AETNA", "PPO", "97110"


def claim(number: str, paid: int, day: str = "20260902", sign: str = "", kind: str = "12") -> list[str]:
    """Return a claim of one line of $100 of which so much was paid and nothing is left; with "-", its reversal."""
    status, taken = ("22" if sign else "1"), f"{sign}{100 - paid}"
    first = f"CLP*{number}*{status}*{sign}100*{sign}{paid}*0*{kind}", f"SVC*HC:97110*{sign}100*{sign}{paid}**1"
    return [*first, f"DTM*472*{day}", f"CAS*CO*45*{taken}"]


def file(name: str, *claims: Sequence[str], paid: int, payer: str = "AETNA") -> SeenFile:
    """Return what is learned from a file of these claims that pays so much."""
    segments = [segment for one in claims for segment in one]
    read = read_remittance(remittance(str(paid), *segments, payer=payer).encode())
    assert not read.problems
    return SeenFile(name, read.mark, seen_lines(read.claims))


FIRST = file("a.835", claim("C1", 40), claim("C2", 44), claim("C3", 60), paid=144)
BACK = file("b.835", claim("C3", 60, sign="-"), claim("C3", 50, day="20260905"), paid=-10)


def spread(learned: Learned) -> list[tuple[int, str, str, str, str]]:
    """Return each amount as lines, last day, and low to high."""
    return [(one.lines, one.last_seen, str(one.low), str(one.median), str(one.high)) for one in learned.amounts]


def test_a_reversal_in_another_file_nets_out_whichever_comes_first(database: Engine) -> None:
    """The corrected line stands for it; estimates are priced by what all files come to."""
    alone = spread(learn_from(database, [BACK])[1])
    both = spread(learn_from(database, [FIRST])[1])
    published = market_in_use(database)

    assert [(1, "2026-09-05", "50.00", "50.00", "50.00")] == alone
    assert [(3, "2026-09-05", "40.00", "44.00", "50.00")] == both
    assert published
    assert [("44.00", 3)] == [(str(one.median), one.lines) for one in published.learned]


def test_what_is_learned_file_by_file_is_what_all_files_say_at_once(database: Engine) -> None:
    """The same as the command tells of both files together."""
    texts = [
        remittance("144", *claim("C1", 40), *claim("C2", 44), *claim("C3", 60)),
        remittance("-10", *claim("C3", 60, sign="-"), *claim("C3", 50, day="20260905")),
    ]
    claims = [one for text in texts for one in read_remittance(text.encode()).claims]
    [whole] = learn(claims)
    [amount] = learn_from(database, [FIRST, BACK])[1].amounts

    assert (whole.count, whole.low, whole.median, whole.high) == (amount.lines, amount.low, amount.median, amount.high)


def test_a_file_counts_once_also_in_another_envelope(database: Engine) -> None:
    """Known by its payments; its name doesn't matter."""
    text = remittance("40", *claim("C1", 40))
    again = text.replace("000000001", "000000009").replace("ST*835*0001", "ST*835*0009").replace("*0001~GE", "*0009~GE")
    files = [
        SeenFile(name, (read := read_remittance(one.encode())).mark, seen_lines(read.claims))
        for name, one in (("a.835", text), ("b.835", again))
    ]
    new = [learn_from(database, [each])[0] for each in files]

    assert [1, 0] == new
    assert [1] == [one.lines for one in learned_now(database).amounts]


def test_a_file_is_forgotten_and_learned_again(database: Engine) -> None:
    """As if it had never been; forgotten twice it is refused."""
    learn_from(database, [FIRST, BACK], Signed("Ana", ""))
    without = forget_file(database, FIRST.mark, Signed("Ana", ""))
    with pytest.raises(RatesRefused):
        forget_file(database, FIRST.mark)
    left = [one.name for one in without.files]
    again = learn_from(database, [FIRST])[1]
    nothing = [forget_file(database, each.mark) for each in (FIRST, BACK)][1]

    assert (["b.835"], [(1, "2026-09-05", "50.00", "50.00", "50.00")]) == (left, spread(without))
    assert [(3, "2026-09-05", "40.00", "44.00", "50.00")] == spread(again)
    assert ((), ()) == (nothing.amounts, nothing.files)
    published = market_in_use(database)
    assert published is not None
    assert () == published.learned


def test_an_amount_is_forgotten_up_to_its_last_day(database: Engine) -> None:
    """After a new contract: what comes later counts, and it can be remembered."""
    learn_from(database, [FIRST])
    forgotten = forget_amount(database, *KEY)
    later = learn_from(database, [file("c.835", claim("C9", 70, day="20261001"), paid=70)])[1]
    back = remember_amount(database, *KEY)

    assert ((), {KEY: "2026-09-02"}) == (forgotten.amounts, forgotten.forgotten)
    assert [(1, "2026-10-01", "70.00", "70.00", "70.00")] == spread(later)
    assert [(4, "2026-10-01", "40.00", "44.00", "70.00")] == spread(back)
    with pytest.raises(RatesRefused):
        forget_amount(database, "AETNA", "PPO", "97140")


def test_a_public_program_and_a_file_without_a_price_teach_nothing(database: Engine) -> None:
    """Medicare pays by rules of its own; what was refused leaves nothing behind."""
    denied = ["CLP*C1*4*100*0*0*12", "SVC*HC:97110*100*0**1", "DTM*472*20260902", "CAS*CO*197*100"]
    for useless in (file("m.835", claim("C1", 40, kind="MB"), paid=40), file("d.835", denied, paid=0)):
        with pytest.raises(RatesRefused, match="show no allowed amount"):
            learn_from(database, [useless])

    assert Learned() == learned_now(database)


def test_no_claim_number_is_kept(database: Engine) -> None:
    """Nor anything else that tells whose a line is."""
    learned = learn_from(database, [file("a.835", claim("QUILL-77", 40), paid=40)])[1]

    assert (Amount(*KEY, 1, "2026-09-02", low=Money(4000), median=Money(4000), high=Money(4000)),) == learned.amounts
    assert "QUILL" not in repr(learned)


def test_a_command_forgets_a_file_or_an_amount_and_says_what_changes(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dry run stores nothing; what is not known is refused."""
    monkeypatch.setenv("DATABASE_URL", database.url.render_as_string(hide_password=False))
    learn_from(database, [FIRST, BACK])

    def run(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(market, words)
        return result.exit_code, result.output

    of_all = "AETNA, PPO: 97110 $40.00 to $50.00, median $44.00 (3 lines until 2026-09-05)"
    of_first = "AETNA, PPO: 97110 $40.00 to $60.00, median $44.00 (3 lines until 2026-09-02)"
    change = f"before: {of_all}\n   now: {of_first}\n1 amount changed.\n"

    assert of_all in run("learned")[1]
    assert f"file {BACK.mark}  b.835" in run("learned")[1]
    assert (0, f"{change}Nothing is stored: this was a dry run.\n") == run("forget", "--file", BACK.mark, "--dry-run")
    assert of_all in run("learned")[1]
    assert (0, change) == run("forget", "--file", BACK.mark)
    assert "   now: nothing" in run("forget", "--amount", *KEY, "--dry-run")[1]
    assert "   now: nothing" in run("forget", "--amount", *KEY)[1]
    assert "forgotten up to 2026-09-02: AETNA, PPO, 97110" in run("learned")[1]
    assert f"   now: {of_first}" in run("forget", "--amount", *KEY, "--undo")[1]
    assert '"lines": 3' in run("learned", "--json")[1]
    for words in (("--file", "other"), ("--amount", "AETNA", "PPO", "97140"), ("--amount", *KEY, "--undo"), ()):
        code, said = run("forget", *words)
        assert code, words
        assert "doesn’t count now" in said or "wasn’t forgotten" in said or "Give --file" in said
