"""The sentences of the printed estimate."""

TITLE = "Estimate of what you will owe"
SUBTITLE = "{plan}. Asked on {day}."
FOOTER = "Estimates are information, not advice or a promise. No name is on this paper and none is needed."
PAGE = "Page {page} of {pages}"

SHAPE_OF_A_PLAN = {
    "template": "This is a usual plan of its kind, not yours: its figures are examples. Your own booklet has the "
    "real ones.",
    "example": "This plan is fictional, to try things out. No insurer sells it.",
}
BEFORE = "Before any price"
MONEY = "Who pays what"
WHO, LOW, TYPICAL, HIGH = "Who", "At least", "Most likely", "At most"
YOU, PLAN_PAYS, CLINIC_LOSES = "You owe", "Your plan pays", "The clinic gets from nobody"
CHART = "What you have paid after each visit"
CHART_CAPTION = (
    "Visit. The line is the most likely sum so far; the band goes from low to high prices and readings of your plan."
)
CHART_ALT = (
    "Chart of the sum so far over {visits}: {first} after the first visit, {last} after the last one, "
    "where it may lie between {low} and {high}. The table below has every figure."
)
VISITS = "Visit by visit"
VISIT, DAY, OWES, BETWEEN, SO_FAR = "Visit", "Day", "You owe", "Between", "So far"
RANGE = "{low} and {high}"
TOTAL = "Total"
TURNING_POINTS = "Turning points"
WHY = "Why: each service with its reason"
ONE_VISIT, RUN_OF_VISITS = "Visit {first}", "Visits {first} to {last}"
MANY_VISITS = "Visit {first}, and {more} like it"
AMOUNTS_OF = " (amounts of visit {first})"
YOU_OWE = "{name} ({code}): {status} {price}you owe {owes}."
ASKS, PRICE = "The clinic asks {amount}; ", "Price {amount}; "
CONDITIONS = "What could change it"
QUESTIONS = "What to ask"
ASSUMPTIONS = "What we took for granted"
ABOUT = "About this plan"
SOURCES = "Sources"
AGAIN = "How to get these figures again"
AGAIN_SAYS = "The same request gives the same figures with these:"
INPUTS = {
    "plan": "Plan and the fingerprint of its rules",
    "price_books": "Price books",
    "locality": "Medicare price area",
    "as_of": "Day of the question",
    "engine": "Version of the calculation",
}
NONE = "none"
