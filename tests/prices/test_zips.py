"""ZIP codes to localities: every one that CMS lists, none that it does not, and honest candidates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.errors import UnknownZip
from estimator.prices.books import books, find_zip
from estimator.settings import prices_folder

ZIPS = {}
for line in (prices_folder() / "medicare-zips.txt").read_text("ascii").splitlines():
    if not line.startswith("#"):
        first, last, state, mac, number, straddles = line.split()
        for code in range(int(first), int(last) + 1):
            ZIPS[f"{code:05d}"] = (state, (mac, number), straddles == "1")


def test_all_42956_zips_have_one_locality_that_the_books_price():
    """581 of them straddle, as in CMS's file of January 2026."""
    localities = {locality for _, locality, _ in ZIPS.values()}

    assert (42_956, 581, 109) == (len(ZIPS), sum(row[2] for row in ZIPS.values()), len(localities))
    assert all(localities == book.localities.keys() for book in books())


@given(st.sampled_from(sorted(ZIPS)))
def test_each_listed_zip_is_found_as_it_is_listed(zip_code):
    """State, locality and whether it straddles."""
    place = find_zip(zip_code)

    assert ZIPS[zip_code] == (place.state, place.locality, place.straddles)


@given(st.integers(0, 99_999).map("{:05d}".format).filter(lambda zip_code: zip_code not in ZIPS))
def test_each_zip_that_is_not_listed_is_unknown(zip_code):
    """A gap between two ZIP codes belongs to neither."""
    with pytest.raises(UnknownZip):
        find_zip(zip_code)


def test_each_straddling_zip_has_candidates_and_the_official_one_first():
    """There are at least two, each priced by the books, none twice."""
    priced = books()[-1].localities.keys()
    for zip_code, (_, locality, straddles) in ZIPS.items():
        if straddles:
            candidates = find_zip(zip_code).candidates

            assert candidates[0] == locality
            assert 2 <= len(candidates) == len(set(candidates))
            assert priced >= set(candidates)


def test_a_zip_inside_one_locality_is_its_own_only_candidate():
    """Downtown Seattle lies in King County."""
    place = find_zip("98101")

    assert ("WA", ("02402", "02"), False) == (place.state, place.locality, place.straddles)
    assert (place.locality,) == place.candidates


def test_a_zip_across_a_county_line_names_the_other_locality_of_its_area():
    """Milton lies in Pierce County and in King."""
    place = find_zip("98354")

    assert (("02402", "99"), ("02402", "02")) == place.candidates


def test_a_zip_across_a_state_line_names_the_localities_of_the_neighbours():
    """Tennessee has one locality; Portland lies on its border with Kentucky."""
    place = find_zip("37148")

    assert "TN" == place.state
    assert ("15102", "00") in place.candidates
    assert ("01112", "05") not in place.candidates


def test_nine_digits_are_read_by_their_first_five():
    """The last four would decide a straddle, but that file is not ours."""
    assert find_zip("98101") == find_zip("98101-1234") == find_zip("981011234")


@pytest.mark.parametrize("text", ["", "9810", "981011", "98101-", "98101-12", "ABCDE", "٩٨١٠١", "98101 ", "98101\n"])
def test_text_that_is_no_zip_is_unknown_and_quoted(text):
    """The exception carries what was written."""
    with pytest.raises(UnknownZip) as caught:
        find_zip(text)

    assert text == caught.value.zip


@pytest.mark.parametrize(("zip_code", "state"), [("20001", "DC"), ("64108", "MO"), ("66101", "KS"), ("00601", "PR")])
def test_a_zip_has_the_state_that_people_know(zip_code, state):
    """CMS's file writes parts of Missouri and Kansas as EM, WM, EK and WK."""
    assert state == find_zip(zip_code).state
