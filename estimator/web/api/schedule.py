"""Many estimates at once, by a token with the role `billing`: the schedule of a day, sent as rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from estimator.accounts.roles import Role
from estimator.billing.jobs import jobs_of
from estimator.billing.schedule_file import COLUMNS, LONGEST_CELL, MOST_ROWS, NAMES, NEEDED, ScheduleRow
from estimator.billing.sent_schedules import delete_schedule, schedule_of, send_schedule, work_of, worklist
from estimator.errors import Problem, RequestRefused
from estimator.web import common
from estimator.web.api.common import (
    NO_TOKEN,
    NOT_HERE,
    REFUSED,
    TOO_LARGE,
    by_token,
    caller,
    note_seen,
    sent_json,
    subject,
)
from estimator.wording.answer_schema import AnswerPart, Json, word_field

batches = subject("Batches", "/batches", "Many estimates at once.")

_CELL = {"type": "string", "maxLength": LONGEST_CELL}
_ROW = {
    "type": "object",
    "properties": {column.name: {**_CELL, "description": column.says} for column in COLUMNS},
    "required": list(NEEDED),
    "additionalProperties": False,
}
_ROWS = {
    "type": "object",
    "properties": {"rows": {"type": "array", "items": _ROW, "minItems": 1, "maxItems": MOST_ROWS}},
    "required": ["rows"],
    "additionalProperties": False,
}


class OutcomeSchema(AnswerPart):
    """A row of a batch; its outcome is null where there is none yet."""

    row = fields.Integer()
    label = fields.String()
    state = fields.String()
    outcome = fields.Dict(allow_none=True)


class BatchSchema(AnswerPart):
    """A batch as far as it is."""

    number = fields.Integer()
    state = word_field("running", "stopped", "done")
    rows = fields.Integer()
    answered = fields.Integer()
    deleted_at = fields.DateTime()
    outcomes = fields.Nested(OutcomeSchema, many=True)


_NUMBER = {"in": "path", "name": "number", "required": True, "schema": {"type": "integer", "minimum": 1}}


@batches.post("")
@batches.doc(
    operationId="sendBatch",
    security=[{"token": []}],
    requestBody={"required": True, "content": {"application/json": {"schema": _ROWS}}},
    responses={404: NOT_HERE, 413: TOO_LARGE, 422: REFUSED, **NO_TOKEN},
)
@batches.response(202, BatchSchema, description="The batch is kept, and its rows are being answered.")
@by_token(Role.BILLING)
def send() -> Json:
    """Send rows of the schedule's columns. Needs the role `billing`.

    Rows are answered by a worker; what is wrong with one stays beside it. A batch is deleted after seven days.
    """
    engine = common.shelf().engine
    number = send_schedule(engine, _rows(sent_json()), caller())
    jobs_of(engine).answer_schedule(number)
    return _told(number)


@batches.get("/<int:number>")
@batches.doc(
    operationId="readBatch",
    security=[{"token": []}],
    parameters=[_NUMBER],
    responses={404: NOT_HERE, **NO_TOKEN},
)
@batches.response(200, BatchSchema, description="The batch as far as it is.")
@by_token(Role.BILLING)
def read(number: int) -> Json:
    """Return a batch with the outcome of every row, what needs action first. Needs the role `billing`.

    The log notes that it was read.
    """
    found = _told(number)
    note_seen("schedule-read", str(number))
    return found


@batches.delete("/<int:number>")
@batches.doc(
    operationId="deleteBatch",
    security=[{"token": []}],
    parameters=[_NUMBER],
    responses={204: {"description": "It is gone."}, 404: NOT_HERE, **NO_TOKEN},
)
@by_token(Role.BILLING)
def delete(number: int) -> tuple[str, int]:
    """Delete a batch with everything in it. Needs the role `billing`."""
    delete_schedule(common.shelf().engine, number, caller())
    return "", 204


def _told(number: int) -> Json:
    schedule, rows = schedule_of(common.shelf().engine, number)
    by_line = {row.line: row for row in rows}
    return {
        "number": schedule.id,
        "state": schedule.state,
        "rows": schedule.rows,
        "answered": schedule.answered,
        "deleted_at": schedule.expires_at,
        "outcomes": [
            {
                "row": work.line,
                "label": by_line[work.line].cells["label"],
                "state": work.state,
                "outcome": by_line[work.line].outcome,
            }
            for work in worklist(map(work_of, rows))
        ],
    }


def _rows(sent: Mapping[str, Any]) -> tuple[ScheduleRow, ...]:
    """Read the rows of a batch, numbered from 1; raise RequestRefused with everything that is wrong."""
    rows = sent.get("rows")
    problems = [Problem(str(key)[:60], 'There is no such key; write {"rows": […]}.') for key in sent if key != "rows"]
    if not isinstance(rows, list) or not 1 <= len(rows) <= MOST_ROWS:
        problems.append(Problem("rows", f"Enter a list of 1 to {MOST_ROWS:,} rows."))
        rows = []
    problems += [problem for at, row in enumerate(rows) for problem in _of_row(f"rows.{at}", row)]
    if problems:
        raise RequestRefused(tuple(problems[:100]))
    return tuple(
        ScheduleRow(at, dict.fromkeys(NAMES, "") | {k: v.strip() for k, v in row.items()})
        for at, row in enumerate(rows, 1)
    )


def _of_row(path: str, row: Any) -> list[Problem]:
    if not isinstance(row, Mapping):
        return [Problem(path, "Enter an object with the columns of a schedule.")]
    known = ", ".join(NAMES)
    strangers = [
        Problem(f"{path}.{key[:60]}", f"There is no such column; there are {known}.") for key in row if key not in NAMES
    ]
    missing = [Problem(f"{path}.{name}", "Add this column; it is needed.") for name in NEEDED if name not in row]
    wrong = [
        Problem(f"{path}.{name}", f"Enter text of at most {LONGEST_CELL} characters.")
        for name, cell in row.items()
        if name in NAMES and not (isinstance(cell, str) and len(cell) <= LONGEST_CELL)
    ]
    return [*strangers, *missing, *wrong]
