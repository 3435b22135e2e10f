"""Rules of the domain: pure, so tested without servers, much of it by property."""
