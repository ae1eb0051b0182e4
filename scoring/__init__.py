"""A text in, a `Verdict` with its reasons out; pure."""

from scoring import compiled

STANDING = compiled.prefer_built(__path__)
"""Whether the judges of this room run compiled."""
