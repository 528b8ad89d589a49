"""Where the files that ship with the product lie: plans, prices, insurers, templates and assets.

In a checkout they are folders beside the package; in an installed wheel they lie inside it.
"""

from pathlib import Path

from estimator.settings import CONTRACT, PLANS, PRICE_LIST

_PACKAGE = Path(__file__).resolve().parent


def plans_folder() -> Path:
    """Return the folder of plan definitions: the one that ESTIMATOR_PLANS names, else ours."""
    return PLANS.value() or _shipped("plans")


def prices_folder() -> Path:
    """Return the folder of official price files."""
    return _shipped("prices")


def insurers_folder() -> Path:
    """Return the folder of the registry of insurers."""
    return _shipped("insurers")


def templates_folder() -> Path:
    """Return the folder of page templates."""
    return _shipped("templates")


def assets_folder() -> Path:
    """Return the folder of style sheets, fonts and pictures."""
    return _shipped("assets")


def contract_file() -> Path | None:
    """Return the clinic's contract prices (CSV) that ESTIMATOR_CONTRACT names, if it names any."""
    return CONTRACT.value()


def price_list_file() -> Path | None:
    """Return the clinic's self-pay list (CSV) that ESTIMATOR_PRICE_LIST names, if it names any."""
    return PRICE_LIST.value()


def _shipped(name: str) -> Path:
    inside_the_wheel = _PACKAGE / f"_{name}"
    return inside_the_wheel if inside_the_wheel.is_dir() else _PACKAGE.parent / name
