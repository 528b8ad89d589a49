"""The sentences of the printed estimate."""

from estimator.language import N_

TITLE = N_("Estimate of what you will owe")
SUBTITLE = N_("{plan}. Asked on {day}.")
FOOTER = N_("Estimates are information, not advice or a promise. No name is on this paper and none is needed.")
PAGE = N_("Page {page} of {pages}")

SHAPE_OF_A_PLAN = {
    "template": N_(
        "This is a usual plan of its kind, not yours: its figures are examples. Your own booklet has the real ones."
    ),
    "example": N_("This plan is fictional, to try things out. No insurer sells it."),
}
BEFORE = N_("Before any price")
MONEY = N_("Who pays what")
WHO, LOW, TYPICAL, HIGH = N_("Who"), N_("At least"), N_("Most likely"), N_("At most")
YOU, PLAN_PAYS, CLINIC_LOSES = N_("You owe"), N_("Your plan pays"), N_("The clinic gets from nobody")
CHART = N_("What you have paid after each visit")
CHART_CAPTION = N_(
    "Visit. The line is the most likely sum so far; the band goes from low to high prices and readings of your plan."
)
CHART_ALT = N_(
    "Chart of the sum so far over {visits}: {first} after the first visit, {last} after the last one, "
    "where it may lie between {low} and {high}. The table below has every figure."
)
VISITS = N_("Visit by visit")
VISIT, DAY, OWES, BETWEEN, SO_FAR = N_("Visit"), N_("Day"), N_("You owe"), N_("Between"), N_("So far")
RANGE = N_("{low} and {high}")
TOTAL = N_("Total")
TURNING_POINTS = N_("Turning points")
WHY = N_("Why: each service with its reason")
CONDITIONS = N_("What could change it")
QUESTIONS = N_("What to ask")
ASSUMPTIONS = N_("What we took for granted")
ABOUT = N_("About this plan")
SOURCES = N_("Sources")
AGAIN = N_("How to get these figures again")
AGAIN_SAYS = N_("The same request gives the same figures with these:")
INPUTS = {
    "plan": N_("Plan and the fingerprint of its rules"),
    "price_books": N_("Price books"),
    "locality": N_("Medicare price area"),
    "as_of": N_("Day of the question"),
    "engine": N_("Version of the calculation"),
}
NONE = N_("none")
