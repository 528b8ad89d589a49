"""The changes of the tables in order, one file each under `versions`; Alembic runs them, through `store.versions`."""

HEAD = "0021"
