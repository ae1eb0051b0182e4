"""Mentions, verdicts, cases and the ledger in SQLite or PostgreSQL: pages go in, rows come out."""
