"""Notes of plans: those of imported plans keep what they quote, whatever language is spoken."""

from datetime import date

from estimator.language import SPANISH, speaking
from estimator.plans.shelf import folder_shelf
from estimator.settings import plans_folder
from estimator.wording.words import note_says

IMPORTED = "Unconfirmed. The insurer's file says: “30 Visits per Year”. We read the period as the plan's benefit year."


def test_a_quote_stays_as_the_file_has_it() -> None:
    """Our words around it are translated."""
    with speaking(SPANISH):
        told = note_says(IMPORTED)

    assert IMPORTED == note_says(IMPORTED)
    assert "Sin confirmar. El archivo de la aseguradora dice: “30 Visits per Year”. Leemos el período" in told
    assert told.endswith("como el año de beneficios del plan.")


def test_a_note_of_our_own_is_translated_whole() -> None:
    """Such as that a template's numbers are examples."""
    plan = folder_shelf(plans_folder()).find("template-employer-ppo", date(2026, 3, 2))
    with speaking(SPANISH):
        told = [note_says(note) for note, _citation in plan.notes]

    assert [
        "Los números son los de un plan típico de esta clase, puestos como ejemplo, no los de un plan real."
    ] == told
