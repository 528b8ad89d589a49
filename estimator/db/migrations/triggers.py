"""Triggers by which the database itself refuses to change or remove a row, on both engines."""

from collections.abc import Iterator

_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is only inserted into: publish another row', TG_TABLE_NAME;
END $$
"""


def refusals(table: str, dialect: str) -> Iterator[str]:
    """Yield the statements after which a table takes new rows only."""
    if dialect == "sqlite":
        for change in ("UPDATE", "DELETE"):
            yield _sqlite(table, change, "")
        # INSERT OR REPLACE removes a row without asking the trigger on DELETE.
        yield _sqlite(table, "INSERT", f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)")
    else:
        yield _FUNCTION
        for change, each in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
            name = f"{table}_refuses_{change.split()[0].lower()}"
            yield f"CREATE TRIGGER {name} BEFORE {change} ON {table} FOR EACH {each} EXECUTE FUNCTION refuse_change()"


def refusals_of_updates(table: str, dialect: str) -> Iterator[str]:
    """Yield the statements after which no row of a table is changed; it may still be removed when its time is over."""
    if dialect == "sqlite":
        yield _sqlite(table, "UPDATE", "")
        yield _sqlite(table, "INSERT", f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)")
    else:
        yield _FUNCTION
        name = f"{table}_refuses_update"
        yield f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()"


def _sqlite(table: str, change: str, when: str) -> str:
    name = f"{table}_refuses_{change.lower()}"
    words = f"{table} is only inserted into: publish another row"
    return f"CREATE TRIGGER {name} BEFORE {change} ON {table} {when} BEGIN SELECT RAISE(ABORT, '{words}'); END"
