"""The product keeps to its house style, as far as a program can tell."""

from tests.house import outcomes, shape, words
from tests.house.sources import breaches, guides, python_files, tracked_texts

PRODUCT = python_files("estimator")
ENGINE = [source for source in PRODUCT if source.is_under("estimator/engine")]
STORES = ("estimator/plans/store.py", "estimator/prices/store.py", "estimator/accounts/store.py")
KEEPS_MONEY = [source for source in PRODUCT if source.is_under("estimator/engine", "estimator/db", *STORES)]
# Other languages have catalogues of their own, and what official files say is quoted as it stands.
WRITTEN_BY_US = [
    source
    for source in tracked_texts()
    if source.path.endswith((".py", ".md", ".html", ".yaml", ".toml", "Makefile"))
    and not source.is_under("tests/house", "estimator/languages", "prices", "plans/_states.yaml")
]
# Where one thing that a person does is one transaction.
COMMITS = ("estimator/estimates", "estimator/publishing", "estimator/billing", "estimator/accounts")
# The only places that may, one clause each: what escapes here would reach a person as a stack of lines.
OUTERMOST_EDGE = "estimator/cli/__init__.py"


def test_there_is_something_to_check() -> None:
    """An empty list of files would let every check pass."""
    assert ENGINE
    assert tracked_texts()


def test_no_float_stands_in_the_domain_or_the_store() -> None:
    """Money is whole cents, and a percentage is whole parts per million."""
    assert [] == breaches(shape.floats, KEEPS_MONEY)


def test_the_domain_imports_only_the_standard_library() -> None:
    """The calculation can be read, and run, without any framework."""
    assert [] == breaches(shape.imports_beyond_the_standard_library, ENGINE)


def test_no_phrase_is_one_that_nobody_here_would_say() -> None:
    """Code, pages, plan files and docs are plain US English."""
    assert [] == breaches(words.banned_phrases, WRITTEN_BY_US)


def test_what_newcomers_read_has_no_old_fashioned_phrase() -> None:
    """The README and the docs are held to more: they are where a reader starts."""
    assert [] == breaches(words.old_fashioned_phrases, guides())


def test_no_call_has_more_than_six_arguments_without_a_name() -> None:
    """A reader does not count commas."""
    assert [] == breaches(shape.long_calls, PRODUCT)


def test_only_tables_are_left_unformatted() -> None:
    """The formatter decides how code is laid out."""
    assert [] == breaches(shape.unformatted_code, PRODUCT)


def test_no_name_says_nothing() -> None:
    """Names are the plan document's words."""
    assert [] == breaches(words.empty_names, PRODUCT)


def test_only_the_clock_reads_the_date() -> None:
    """Everything else is told the day, so that an estimate can be repeated."""
    others = [source for source in PRODUCT if source.path != "estimator/clock.py"]

    assert [] == breaches(shape.clock_readings, others)


def test_a_page_is_measured_once_it_is_there() -> None:
    """A click comes back before the next page has a body, and what measures that one fails at random."""
    others = [source for source in python_files("tests") if source.path != "tests/web/seen.py"]

    assert [] == breaches(shape.measured_too_soon, others)


def test_only_the_settings_read_the_environment() -> None:
    """So that one table holds every setting there is."""
    others = [source for source in PRODUCT if source.path != "estimator/settings.py"]

    assert [] == breaches(shape.environment_readings, others)


def test_only_use_cases_commit() -> None:
    """A use case is one transaction."""
    others = [source for source in PRODUCT if not source.is_under(*COMMITS)]

    assert [] == breaches(shape.commits, others)


def test_nothing_but_the_outermost_edge_catches_everything() -> None:
    """A mistake of ours is seen, not swallowed."""
    within = [source for source in PRODUCT if source.path != OUTERMOST_EDGE]
    edge = [source for source in PRODUCT if source.path == OUTERMOST_EDGE]

    assert [] == breaches(outcomes.wide_catches, within)
    assert len(breaches(outcomes.wide_catches, edge)) <= 1


def test_no_exception_inherits_from_base_exception() -> None:
    """Whoever stops the product with Ctrl-C is obeyed."""
    assert [] == breaches(outcomes.wide_exceptions, PRODUCT)


def test_every_module_says_what_it_holds() -> None:
    """A reader knows from the first lines whether to read on."""
    assert [] == breaches(words.modules_without_docstring, PRODUCT)


def test_every_public_function_and_class_has_a_docstring() -> None:
    """What others call is explained where it stands."""
    assert [] == breaches(words.public_names_without_docstring, PRODUCT)


def test_every_test_is_a_sentence_with_a_docstring() -> None:
    """A test that fails says what is no longer true."""
    assert [] == breaches(words.tests_that_say_nothing, python_files("tests"))


def test_no_tracked_file_names_a_machine_or_a_registry() -> None:
    """A clone works wherever it is put, and installs from whatever index is there."""
    assert [] == breaches(outcomes.traces_of_a_machine, tracked_texts())
