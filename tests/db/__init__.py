"""What is kept in the database, tried on SQLite and on a real PostgreSQL alike."""
