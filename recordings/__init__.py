"""Archive plane: a recorder is one more subscriber of a room; segments, manifest, live HLS, recovery."""
