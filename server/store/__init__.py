"""The record: SQLite or PostgreSQL; and Redis for what may be lost."""
