"""What the codes of an EB and of an HSD mean, as far as they matter for therapy."""

from __future__ import annotations

from estimator.eligibility.benefit import Aspect, Authorization, Kind, Level, Network

KINDS = {
    **dict.fromkeys(("1", "2", "3", "4", "5"), Kind.ACTIVE),
    **dict.fromkeys(("6", "7", "8"), Kind.INACTIVE),
    "A": Kind.COINSURANCE,
    "B": Kind.COPAY,
    "C": Kind.DEDUCTIBLE,
    "F": Kind.LIMIT,
    "G": Kind.OUT_OF_POCKET_MAX,
    "H": Kind.LIMIT,
    "I": Kind.NOT_COVERED,
    "CB": Kind.AUTHORIZATION,
}
UNLIMITED = "H"
# Said of a plan, but of no figure that an estimate uses.
OTHERS = frozenset({"D", "E", "J", "K", "L", "M", "MC", "N", "O", "P", "Q", "R", "S", "T", "U", "V", "W", "X", "Y"})
TELLING = {
    "5": "Active, but the payer is still looking into it. Ask again before the visit.",
    "7": "The payer has not updated eligibility yet. Ask again before the visit.",
    "8": "The payer is still looking into it. Ask again before the visit.",
    "E": "The payer states an exclusion. Read it and ask whether it touches therapy.",
    "M": "The payer speaks of a condition from before the plan. Ask.",
    "N": "Services are restricted to a provider that the payer names. Check that it is yours.",
    "O": "The payer calls something not medically necessary. Read it and ask.",
    "R": "The payer names another insurer. Find out which one pays first.",
    "V": "The payer cannot process the question. Call.",
    "W": "The payer leads to another source. Ask there.",
    "Y": "The payer speaks of a spend-down: the patient pays some of their own money first. Ask how much.",
}
LEVELS = {
    "IND": Level.PERSON,
    "FAM": Level.FAMILY,
    **dict.fromkeys(("CHD", "DEP", "ECH", "EMP", "ESP", "SPC", "SPO"), Level.OTHER),
}
# The words of a period, and which part of an amount the code speaks of.
PERIODS = {
    "6": ("hour", Aspect.TOTAL),
    "7": ("day", Aspect.TOTAL),
    "13": ("24 hours", Aspect.TOTAL),
    "21": ("years", Aspect.TOTAL),
    "22": ("service year", Aspect.TOTAL),
    "23": ("calendar year", Aspect.TOTAL),
    "24": ("year to date", Aspect.USED),
    "25": ("contract year", Aspect.TOTAL),
    "26": ("episode", Aspect.TOTAL),
    "27": ("visit", Aspect.TOTAL),
    "28": ("outlier", Aspect.TOTAL),
    "29": ("", Aspect.REMAINING),
    "30": ("exceeded", Aspect.TOTAL),
    "31": ("not exceeded", Aspect.TOTAL),
    "32": ("lifetime", Aspect.TOTAL),
    "33": ("lifetime", Aspect.REMAINING),
    "34": ("month", Aspect.TOTAL),
    "35": ("week", Aspect.TOTAL),
    "36": ("admission", Aspect.TOTAL),
}
UNITS = {
    "VS": "visits",
    "DY": "days",
    "P6": "services",
    "HS": "hours",
    "MN": "months",
    "YY": "years",
    "FL": "units",
    "99": "used",
    "QA": "approved",
    "M2": "at most",
    "8H": "at least",
    "CA": "covered days",
    "CE": "covered days, estimated",
    "D3": "coinsurance days",
    "DB": "units of blood",
    "LA": "lifetime reserve days",
    "LE": "lifetime reserve days, estimated",
    "S7": "years of age at most",
    "S8": "years of age at least",
}
QUANTITY_USED = "99"
PLAIN_UNITS = frozenset({"visits", "days", "services", "hours", "months", "units"})
UNITS_OF_HSD = {"DA": "day", "MO": "month", "VS": "visit", "WK": "week", "YR": "year"}
AUTHORIZATIONS = {"Y": Authorization.NEEDED, "N": Authorization.NOT_NEEDED, "U": Authorization.UNKNOWN}
NETWORKS = {"Y": Network.IN, "N": Network.OUT, "W": Network.BOTH, "U": Network.UNSAID}
