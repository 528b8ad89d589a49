"""What real price lists say near a ZIP code: insurers' files, hospitals' files and cash prices, each as a strip.

Shown only where somebody's figures are known, with whose they are and of which day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from estimator.engine.prices import Place
from estimator.engine.values import Citation, Money
from estimator.errors import UnknownZip
from estimator.language import _
from estimator.prices.books import find_zip, service_codes
from estimator.prices.market import HospitalRate, MarketRow, rates_near, rows_near
from estimator.prices.rates import quantile
from estimator.prices.sheet import clinic_cash, hospital_cash
from estimator.web import common
from estimator.web.patient.pictures import RangeBar, Segment, percent
from estimator.wording.answer import AnswerCitation, citation_of
from estimator.wording.errors import problems_of
from estimator.wording.words import long_day

_FIRST_SHOWN = "97110"


@dataclass(frozen=True, slots=True)
class Strip:
    """Prices on one axis: all of them, and the middle half, where each is known."""

    title: str
    says: str
    middle: Money
    half: tuple[Money, Money] | None
    every: tuple[Money, Money] | None
    cited: Citation

    @property
    def citation(self) -> AnswerCitation | None:
        """Return where the prices come from, as a page shows it."""
        return citation_of(self.cited)

    def bar(self, top: Money) -> RangeBar:
        """Draw the prices in percent of `top`: from the least to the most, and the middle half on it."""
        spans = (("p", self.every), ("k", self.half))
        parts = (
            Segment(percent(span[0], top), percent(max(span[1] - span[0], 1), top), fill)
            for fill, span in spans
            if span
        )
        return RangeBar(tuple(parts), mark="")


def near_page(zip_code: str, code: str) -> dict[str, Any]:
    """Return what the page shows for a ZIP code and a service; without a ZIP code, only what it asks."""
    page: dict[str, Any] = {"zip": zip_code, "code": code, "services": [], "strips": [], "problem": "", "unit": ""}
    if not zip_code:
        return page
    kept = common.prices()
    try:
        place = find_zip(zip_code, kept.zips)
    except UnknownZip as unknown:
        return {**page, "problem": problems_of(unknown)[0].message}
    rows, rates = rows_near(place, kept.market), rates_near(place, kept.market)
    known = {row.code for row in rows} | {rate.code for rate in rates}
    codes = service_codes(common.shelf().codes)
    services = [(one, _(service.words)) for one, service in codes.items() if one in (known or clinic_cash())]
    offered = [one for one, _words in services]
    chosen = code if code in offered else _FIRST_SHOWN if _FIRST_SHOWN in offered else offered[0]
    strips = list(_strips(chosen, rows, rates, place))
    top = max((span[1] for strip in strips for span in (strip.half, strip.every) if span), default=Money(0))
    unit = _("Price of 15 minutes") if codes[chosen].timed else _("Price of one service")
    return {
        **page,
        "code": chosen,
        "services": services,
        "strips": strips,
        "is_known": bool(known),
        "state": place.state,
        "unit": unit,
        "scale": top,
    }


def _strips(code: str, rows: Sequence[MarketRow], rates: Sequence[HospitalRate], place: Place) -> Iterator[Strip]:
    for row in rows:
        if row.code == code:
            says = _("{clinics} clinics in {area}. {network}, price list of {day}.").format(
                clinics=row.clinics, area=_(row.area), network=row.network, day=long_day(row.dated)
            )
            low, quarter, middle, more, high = row.quantiles
            title = _("Clinics: what {payer} pays").format(payer=row.payer)
            yield Strip(title, says, middle, (quarter, more), (low, high), row.citation)
    by_hospital: dict[str, list[HospitalRate]] = defaultdict(list)
    for rate in rates:
        if rate.code == code and rate.payer:
            by_hospital[rate.hospital].append(rate)
    for hospital, agreed in sorted(by_hospital.items()):
        yield _of_hospital(hospital, agreed)
    says = _("What people without insurance are asked. Ask yours.")
    if asked := clinic_cash().get(code):
        yield Strip(_("Clinics: cash price"), says, asked.typical, None, (asked.low, asked.high), asked.citation)
    if posted := hospital_cash(place.state).get(code):
        title = _("Hospitals: cash price they post")
        yield Strip(title, says, posted.typical, (posted.low, posted.high), None, posted.citation)


def _of_hospital(hospital: str, rates: Sequence[HospitalRate]) -> Strip:
    ordered = sorted(int(rate.amount) for rate in rates)
    least, quarter, middle, more, most = (quantile(ordered, part, 4) for part in range(5))
    says = _("{payers} insurers. Price list of {day}.").format(
        payers=len({rate.payer for rate in rates}), day=long_day(rates[0].dated)
    )
    title = _("{hospital}: what insurers pay").format(hospital=hospital)
    return Strip(title, says, middle, (quarter, more), (least, most), rates[0].citation)
