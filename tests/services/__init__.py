"""Use cases on a real database, with a media process in memory that obeys the contract."""
