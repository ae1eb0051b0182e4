"""A text in, a `Verdict` with its reasons out; pure."""
