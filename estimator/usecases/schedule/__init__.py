"""A clinic's schedule, one row a visit or a course: read, answered row by row, and sorted by what needs action.

Reading order: `columns` (what a row may say), `reading` (a file becomes rows), `answering` (a row becomes an outcome),
`runs` (a schedule is kept, answered a few rows at a time, stopped and gone on with), `worklist` (what to do first).
"""
