"""What each part of the record can do, as use cases see it. `server.services.records` puts the shelves together."""
