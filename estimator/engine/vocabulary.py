"""The words that a request and a plan file choose among: one list of each, for both."""

PROVIDERS = (
    "physical-therapist",
    "physical-therapist-assistant",
    "physician",
    "nurse-practitioner",
    "physician-assistant",
    "clinical-nurse-specialist",
    "chiropractor",
    "acupuncturist",
    "occupational-therapist",
)
SETTINGS = ("office", "hospital-outpatient", "home", "telehealth")
EXPERIENCES = ("standard", "new", "senior")
PURPOSES = ("rehabilitative", "habilitative", "maintenance")
PRICE_BASES = ("per-unit", "per-line", "per-visit")
METHODS = ("standard", "non-duplication", "maintenance-of-benefits")
# The states, the District of Columbia and the territories that CMS prices.
_STATES = """
AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND
OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI
"""
STATES = tuple(_STATES.split())
