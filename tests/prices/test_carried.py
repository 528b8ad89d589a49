"""The carried files: each names its source, and a figure with too many places is a bug that shows."""

import pytest

from estimator.prices.books import carried_names, fixed, read_carried


@pytest.mark.parametrize("name", carried_names("*.csv"))
def test_every_carried_file_names_its_source_and_has_whole_rows(name):
    """Title, day and confidence; no cell too many or too few. A proposed book carries on the rows of another year."""
    carried = read_carried(name)

    assert carried.source.title
    assert carried.source.confidence in ("high", "medium", "low")
    assert carried.notes
    assert carried.rows or carried.facts["figures_of"]
    assert not any(None in row or None in row.values() for row in carried.rows)


def test_a_figure_with_more_places_than_its_unit_is_refused():
    """0.315 RVU does not fit in hundredths, and is not cut."""
    with pytest.raises(ValueError, match=r"0\.315"):
        fixed("0.315", 2)
