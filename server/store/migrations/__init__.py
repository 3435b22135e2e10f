"""Alembic migrations of the schema."""


class SchemaTooNew(RuntimeError):
    """The database was made by a newer version. The message is for the operator."""
