"""Where sessions live: SQLite (or PostgreSQL) through SQLAlchemy."""
