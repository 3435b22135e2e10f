"""Use cases: one plain async function each, with the Protocols of what they need."""
