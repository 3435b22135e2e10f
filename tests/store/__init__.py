"""The contracts of the record, of presence and of hints, each on every implementation, with real servers."""
