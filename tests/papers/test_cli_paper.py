"""The command that writes a paper, as a person runs it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from estimator.cli.estimates import _KINDS, paper
from estimator.papers.kinds import KINDS
from tests.papers.papers import CLINIC, REQUEST, words_of


@pytest.fixture(autouse=True)
def own_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer from what ships."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("ESTIMATOR_CLINIC", raising=False)
    monkeypatch.setenv("ESTIMATOR_DATA", str(tmp_path / "kept"))


def run(*words: object, asked: object = REQUEST) -> Result:
    """Run the command with a request on standard input."""
    text = asked if isinstance(asked, str) else json.dumps(asked)
    return CliRunner().invoke(paper, [str(word) for word in words], input=text, catch_exceptions=False)


def test_the_command_knows_every_paper() -> None:
    """Its list stands apart, so that help comes without the papers."""
    assert tuple(KINDS) == _KINDS


def test_a_paper_is_written_where_it_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clinic comes from the option, or from the environment."""
    out, settings = tmp_path / "call.pdf", tmp_path / "clinic.json"
    settings.write_text(json.dumps({"name": CLINIC.name}), "utf-8")

    assert 0 == run("call-script", "-", "--out", out, "--clinic", settings).exit_code
    by_option = out.read_bytes()
    monkeypatch.setenv("ESTIMATOR_CLINIC", str(settings))
    assert 0 == run("call-script", "-", "--out", out).exit_code
    assert by_option == out.read_bytes()
    assert CLINIC.name in words_of(by_option)


def test_what_stops_a_paper_is_told_in_sentences(tmp_path: Path) -> None:
    """Exit status 2, and no file."""
    out, bad = tmp_path / "paper.pdf", tmp_path / "clinic.json"
    bad.write_text('{"npi": "1", "tin": "2"}', "utf-8")
    asked = [
        (run("notice", "-", "--out", out, asked={**REQUEST, "plan": "self-pay"}), "no notice to sign"),
        (run("estimate", "-", "--out", out, "--clinic", bad), "clinic.json: tin: Enter a 9-digit TIN"),
        (run("estimate", "-", "--out", out, asked="{}"), "plan: This key is required"),
        (run("estimate", tmp_path / "none.json", "--out", out), "cannot be read"),
        (run("estimate", "-", "--out", tmp_path / "no" / "folder.pdf"), "cannot be written"),
    ]

    for result, says in asked:
        assert 2 == result.exit_code
        assert says in result.stderr
    assert not out.exists()


def test_a_paper_is_written_in_the_language_asked_for(tmp_path: Path) -> None:
    """What stops it is said in that language too."""
    out = tmp_path / "call.pdf"

    assert 0 == run("call-script", "-", "--out", out, "--language", "es").exit_code
    assert "Qué decir primero" in words_of(out.read_bytes())
    refused = run("call-script", "-", "--out", out, "--language", "es", asked={**REQUEST, "plan": "self-pay"})
    assert "Sin seguro no hay a quién llamar" in refused.stderr
