"""A mention and its verdict in, a flag and a case out; pure."""
