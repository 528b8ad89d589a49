"""Tries are counted before the work, for all processes together, and nothing of who tried can be read."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from sqlalchemy import URL, Engine, create_engine, select

from estimator.accounts.limits import Limit, Sparingly, count_try, take_back
from estimator.db.connection import engine_at, reading
from estimator.db.tables import tries
from tests.databases import MIGRATED

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
SPAN = timedelta(minutes=15)
LIMIT = Limit("sign-in", 3, SPAN)
ADDRESS = "2001:db8:1:2::/64"


def counted(engine: Engine, who: str = ADDRESS, now: datetime = NOW, limit: Limit = LIMIT) -> timedelta | None:
    return count_try(engine, [limit.of(who)], now)


def test_so_many_may_and_the_next_waits_until_the_span_is_over(database: Engine) -> None:
    """From its first try on; another one is counted apart, and so is another thing."""
    tried = [counted(database) for _ in range(3)]
    refused = counted(database, now=NOW + timedelta(minutes=5))

    assert [None] * 3 == tried
    assert timedelta(minutes=10) == refused
    assert counted(database, who="2001:db8:1:3::/64") is None
    assert counted(database, limit=Limit("save", 3, SPAN)) is None
    assert counted(database, now=NOW + SPAN) is None


def test_a_right_try_counts_no_longer(database: Engine) -> None:
    """A clinic's own people sign in from one address all day."""
    for _ in range(20):
        assert counted(database) is None
        take_back(database, [LIMIT.of(ADDRESS)])


def test_one_limit_that_is_reached_counts_nothing_under_the_others(database: Engine) -> None:
    """Else anyone who waits would make others wait as well."""
    both = [LIMIT.of("one"), LIMIT.of("two", times=10)]
    for _ in range(10):
        count_try(database, both, NOW)
    with reading(database) as connection:
        counts = sorted(connection.scalars(select(tries.c.count)))

    assert [3, 3] == counts


def test_many_at_once_are_all_counted(database: Engine) -> None:
    """Before the work, so that no more than the limit is ever under way."""
    count = 12
    with ThreadPoolExecutor(count) as threads:
        refused = list(threads.map(lambda _: counted(database), range(count)))

    assert LIMIT.most == refused.count(None)


def test_a_restart_forgets_nothing(new_database: Callable[[str], URL]) -> None:
    """Another process has an engine of its own."""
    address = new_database(MIGRATED)
    for _ in range(LIMIT.most):
        counted(engine_at(address))
    another = create_engine(address)
    with another.connect() as connection:
        [found] = connection.execute(select(tries.c.count)).all()
    another.dispose()

    assert (LIMIT.most,) == tuple(found)
    assert counted(engine_at(address)) == SPAN


def test_no_address_can_be_read_in_the_database(database: Engine) -> None:
    """Only its hash, under the key of this database."""
    counted(database)
    with reading(database) as connection:
        [mark] = connection.scalars(select(tries.c.mark))

    assert ADDRESS not in mark
    assert 64 == len(mark)


def test_what_is_done_often_is_written_in_blocks(database: Engine) -> None:
    """An ordinary person's few tries are not written; another process counts on from what is."""
    one, other, limit = Sparingly(), Sparingly(), Limit("estimate", 30, SPAN)

    def asks(process: Sparingly, times: int, who: str = ADDRESS) -> list[timedelta | None]:
        return [process.count(database, [limit.of(who)], NOW, 1) for _ in range(times)]

    assert [None] * 9 == asks(one, 9)
    assert [] == written(database)
    assert [None] == asks(one, 1)
    assert [10] == written(database)
    assert [None] * 20 == asks(other, 20)
    assert [None] * 9 + [SPAN] * 3 == asks(one, 12)
    assert [None] * 9 + [SPAN] * 2 == asks(other, 11)
    assert [None] == asks(one, 1, who="2001:db8:1:3::/64")
    assert [30] == written(database)
    assert one.count(database, [limit.of(ADDRESS)], NOW + SPAN, 1) is None


def test_a_try_that_is_much_work_counts_as_several(database: Engine) -> None:
    """It is written at once, and under every network that it is counted for."""
    sparingly, limit = Sparingly(), Limit("estimate", 20, SPAN)
    both = [limit.of(ADDRESS), limit.of("2001:db8:1::/48", times=2)]

    assert [None, SPAN] == [sparingly.count(database, both, NOW, 20) for _ in range(2)]
    assert [20, 40] == written(database)
    assert SPAN == sparingly.count(database, [limit.of("2001:db8:1:9::/64"), both[1]], NOW, 10)


def written(engine: Engine) -> list[int]:
    with reading(engine) as connection:
        return sorted(connection.scalars(select(tries.c.count)))
