"""The first tables, and the search index in each database's own way."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
TABLES = (
    "sketches",
    "visit_pages",
    "sightings",
    "seen_keys",
    "quarantine",
    "gaps",
    "captures",
    "visits",
    "case_events",
    "watches",
    "verdicts",
    "queries",
    "mention_versions",
    "matches",
    "digests",
    "daily_figures",
    "corrections",
    "cases",
    "answers",
    "mentions",
    "clusters",
    "leases",
    "deliveries",
    "brands",
    "bodies",
)  # in the order in which they can be dropped

FTS5 = "CREATE VIRTUAL TABLE mention_search USING fts5(folded, tokenize='ascii', columnsize=0)"
TSVECTOR = """CREATE TABLE mention_search (
    mention_id BIGINT PRIMARY KEY REFERENCES mentions (id) ON DELETE CASCADE,
    folded TSVECTOR NOT NULL)"""
GIN = "CREATE INDEX ix_mention_search_folded ON mention_search USING gin (folded)"


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "bodies",
        _column("body_hash", sa.Text()),
        _column("zstd", sa.LargeBinary()),
        _column("size", ID),
        _column("stored_at", TIME),
        sa.PrimaryKeyConstraint("body_hash", name="pk_bodies"),
    )
    op.create_table(
        "brands",
        _column("id", ID),
        _column("name", sa.Text()),
        _column("zone", sa.Text()),
        _column("language", sa.Text()),
        _column("own_authors", sa.JSON()),
        _column("own_hosts", sa.JSON()),
        _column("recipients", sa.JSON()),
        _column("digest_at", sa.Text()),
        _column("answer_within_h", sa.Double()),
        _column("old_after_days", ID),
        sa.PrimaryKeyConstraint("id", name="pk_brands"),
        sa.UniqueConstraint("name", name="uq_brands_name"),
    )
    op.create_table(
        "deliveries",
        _column("id", ID),
        _column("key", sa.Text()),
        _column("recipient", sa.Text()),
        _column("channel", sa.Text()),
        _column("body", sa.Text()),
        _column("created_at", TIME),
        _column("tries", ID),
        _optional("next_try_at", TIME),
        _optional("leased_until", TIME),
        _column("leased_by", sa.Text()),
        _optional("sent_at", TIME),
        _optional("dead_at", TIME),
        _column("error", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("key", name="uq_deliveries_key"),
    )
    op.create_index("ix_deliveries_next_try_at", "deliveries", ["next_try_at"])

    op.create_table(
        "leases",
        _column("name", sa.Text()),
        _column("holder", sa.Text()),
        _column("until", TIME),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )
    op.create_table(
        "clusters",
        _column("id", ID),
        _column("made_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_clusters"),
    )
    op.create_table(
        "mentions",
        _column("id", ID),
        _column("key_hash", sa.LargeBinary()),
        _column("source", sa.Text()),
        _column("key", sa.Text()),
        _column("source_kind", sa.Text()),
        _column("url", sa.Text()),
        _column("title", sa.Text()),
        _column("text", sa.Text()),
        _column("author", sa.Text()),
        _optional("posted_at", TIME),
        _optional("posted_precision", sa.Text()),
        _optional("edited_at", TIME),
        _column("dated_at", TIME),
        _column("seen_at", TIME),
        _column("changed_at", TIME),
        _optional("stars", sa.Double()),
        _optional("stars_native", sa.Double()),
        _optional("scale_low", sa.Double()),
        _optional("scale_high", sa.Double()),
        _column("feedback_kind", sa.Text()),
        _column("speaker", sa.Text()),
        _column("product", sa.Text()),
        _column("variation", sa.Text()),
        _optional("reach", ID),
        _optional("likes", ID),
        _column("parent", sa.Text()),
        _column("language", sa.Text()),
        _column("damage", sa.Text()),
        _column("is_keyless", sa.Boolean()),
        _column("content_hash", sa.Text()),
        _optional("gone_at", TIME),
        _optional("cluster_id", ID),
        _column("is_copy", sa.Boolean()),
        _to("mentions", "cluster_id", "clusters.id", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_mentions"),
        sa.UniqueConstraint("key_hash", name="uq_mentions_key_hash"),
    )
    op.create_index(
        "ix_mentions_cluster_id",
        "mentions",
        ["cluster_id"],
        sqlite_where=sa.text("cluster_id IS NOT NULL"),
        postgresql_where=sa.text("cluster_id IS NOT NULL"),
    )
    op.create_index("ix_mentions_dated_at_id", "mentions", ["dated_at", "id"])
    op.create_index("ix_mentions_seen_at", "mentions", ["seen_at"])

    op.create_table(
        "answers",
        _column("mention_id", ID),
        _column("position", ID),
        _column("metric", sa.Text()),
        _column("value", sa.Double()),
        _column("scale_low", sa.Double()),
        _column("scale_high", sa.Double()),
        _column("question", sa.Text()),
        _to("answers", "mention_id", "mentions.id"),
        sa.PrimaryKeyConstraint("mention_id", "position", name="pk_answers"),
    )
    op.create_table(
        "cases",
        _column("id", ID),
        _column("brand_id", ID),
        _column("mention_id", ID),
        _column("severity", sa.Text()),
        _column("state", sa.Text()),
        _column("assignee", sa.Text()),
        _column("opened_at", TIME),
        _column("target_at", TIME),
        _optional("snoozed_until", TIME),
        _optional("answered_at", TIME),
        _optional("resolved_at", TIME),
        _to("cases", "brand_id", "brands.id"),
        _to("cases", "mention_id", "mentions.id"),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.UniqueConstraint("brand_id", "mention_id", name="uq_cases_brand_id_mention_id"),
    )
    op.create_index("ix_cases_mention_id", "cases", ["mention_id"])
    op.create_index("ix_cases_state_target_at", "cases", ["state", "target_at"])

    op.create_table(
        "corrections",
        _column("id", ID),
        _column("mention_id", ID),
        _column("brand_id", ID),
        _column("opinion", sa.Text()),
        _column("who", sa.Text()),
        _column("note", sa.Text()),
        _column("at", TIME),
        _to("corrections", "brand_id", "brands.id"),
        _to("corrections", "mention_id", "mentions.id"),
        sa.PrimaryKeyConstraint("id", name="pk_corrections"),
        sa.UniqueConstraint(
            "mention_id", "brand_id", "opinion", name="uq_corrections_mention_id_brand_id_opinion"
        ),
    )
    op.create_index("ix_corrections_mention_id", "corrections", ["mention_id"])

    op.create_table(
        "daily_figures",
        _column("key_hash", sa.LargeBinary()),
        _column("source", sa.Text()),
        _column("day", sa.Text()),
        _column("metric", sa.Text()),
        _column("value", sa.Double()),
        _optional("brand_id", ID),
        _column("seen_at", TIME),
        _to("daily_figures", "brand_id", "brands.id"),
        sa.PrimaryKeyConstraint("key_hash", name="pk_daily_figures"),
    )
    op.create_index("ix_daily_figures_day", "daily_figures", ["day"])

    op.create_table(
        "digests",
        _column("id", ID),
        _column("recipient", sa.Text()),
        _column("brand_id", ID),
        _column("local_date", sa.Date()),
        _column("written_at", TIME),
        _optional("delivery_id", ID),
        _to("digests", "brand_id", "brands.id"),
        _to("digests", "delivery_id", "deliveries.id", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_digests"),
        sa.UniqueConstraint(
            "recipient", "brand_id", "local_date", name="uq_digests_recipient_brand_id_local_date"
        ),
    )
    op.create_table(
        "matches",
        _column("mention_id", ID),
        _column("brand_id", ID),
        _column("term", sa.Text()),
        _column("role", sa.Text()),
        _optional("severity", sa.Text()),
        _optional("rule", sa.Text()),
        _column("flag_reasons", sa.JSON()),
        _optional("flagged_at", TIME),
        _column("dismissed_as", sa.Text()),
        _to("matches", "brand_id", "brands.id"),
        _to("matches", "mention_id", "mentions.id"),
        sa.PrimaryKeyConstraint("mention_id", "brand_id", name="pk_matches"),
    )
    op.create_index("ix_matches_brand_id_mention_id", "matches", ["brand_id", "mention_id"])

    op.create_table(
        "mention_versions",
        _column("id", ID),
        _column("mention_id", ID),
        _column("content_hash", sa.Text()),
        _column("title", sa.Text()),
        _column("text", sa.Text()),
        _column("author", sa.Text()),
        _optional("stars", sa.Double()),
        _optional("posted_at", TIME),
        _optional("edited_at", TIME),
        _column("since", TIME),
        _column("until", TIME),
        _to("mention_versions", "mention_id", "mentions.id"),
        sa.PrimaryKeyConstraint("id", name="pk_mention_versions"),
    )
    op.create_index("ix_mention_versions_mention_id", "mention_versions", ["mention_id"])

    op.create_table(
        "queries",
        _column("brand_id", ID),
        _column("position", ID),
        _column("text", sa.Text()),
        _to("queries", "brand_id", "brands.id"),
        sa.PrimaryKeyConstraint("brand_id", "position", name="pk_queries"),
    )
    op.create_table(
        "verdicts",
        _column("mention_id", ID),
        _column("model", sa.Text()),
        _column("is_current", sa.Boolean()),
        _column("language", sa.Text()),
        _column("score", sa.Double()),
        _optional("p_negative", sa.Double()),
        _column("label", sa.Text()),
        _column("kind", sa.Text()),
        _column("aspects", sa.JSON()),
        _column("causes", sa.JSON()),
        _column("reasons", sa.JSON()),
        _column("is_damaged", sa.Boolean()),
        _column("judged_at", TIME),
        _to("verdicts", "mention_id", "mentions.id"),
        sa.PrimaryKeyConstraint("mention_id", "model", name="pk_verdicts"),
    )
    op.create_index(
        "uq_verdicts_current",
        "verdicts",
        ["mention_id"],
        unique=True,
        sqlite_where=sa.text("is_current"),
        postgresql_where=sa.text("is_current"),
    )

    op.create_table(
        "watches",
        _column("id", ID),
        _column("key_hash", sa.LargeBinary()),
        _column("kind", sa.Text()),
        _column("target", sa.Text()),
        _column("name", sa.Text()),
        _optional("brand_id", ID),
        _column("is_own", sa.Boolean()),
        _column("options", sa.JSON()),
        _column("every_min", ID),
        _column("page_cap", ID),
        _column("added_at", TIME),
        _optional("paused_at", TIME),
        _optional("removed_at", TIME),
        _column("next_due_at", TIME),
        _column("etag", sa.Text()),
        _column("last_modified", sa.Text()),
        _column("body_hash", sa.Text()),
        _column("moved_to", sa.Text()),
        _column("failures", ID),
        _optional("outcome", sa.Text()),
        _column("reason", sa.Text()),
        _optional("last_visit_at", TIME),
        _optional("last_success_at", TIME),
        _optional("last_new_at", TIME),
        _optional("heard_since", TIME),
        _optional("heard_until", TIME),
        _column("pace", sa.Double()),
        _column("streak", ID),
        _optional("walked_at", TIME),
        _column("asks_walk", sa.Boolean()),
        _optional("usual_since", TIME),
        _optional("stated_total", ID),
        _optional("heard_total", ID),
        _to("watches", "brand_id", "brands.id"),
        sa.PrimaryKeyConstraint("id", name="pk_watches"),
        sa.UniqueConstraint("key_hash", name="uq_watches_key_hash"),
    )
    op.create_index("ix_watches_brand_id", "watches", ["brand_id"])
    op.create_index("ix_watches_next_due_at", "watches", ["next_due_at"])

    op.create_table(
        "case_events",
        _column("id", ID),
        _column("case_id", ID),
        _column("at", TIME),
        _column("kind", sa.Text()),
        _column("who", sa.Text()),
        _column("note", sa.Text()),
        _optional("until", TIME),
        _to("case_events", "case_id", "cases.id"),
        sa.PrimaryKeyConstraint("id", name="pk_case_events"),
    )
    op.create_index("ix_case_events_case_id", "case_events", ["case_id"])

    op.create_table(
        "visits",
        _column("id", ID),
        _column("watch_id", ID),
        _column("state", sa.Text()),
        _column("started_at", TIME),
        _optional("ended_at", TIME),
        _optional("closed_at", TIME),
        _column("is_first_import", sa.Boolean()),
        _optional("outcome", sa.Text()),
        _column("reason", sa.Text()),
        _optional("status", ID),
        _column("requests", ID),
        _column("pages", ID),
        _column("seen", ID),
        _column("new", ID),
        _column("edited", ID),
        _column("same", ID),
        _column("unmatched", ID),
        _column("unreadable", ID),
        _column("overlap", ID),
        _column("met_known", sa.Boolean()),
        _optional("oldest_at", TIME),
        _optional("newest_at", TIME),
        _column("is_walk", sa.Boolean()),
        _optional("stated_total", ID),
        _optional("shape", sa.JSON()),
        _to("visits", "watch_id", "watches.id"),
        sa.PrimaryKeyConstraint("id", name="pk_visits"),
    )
    op.create_index("ix_visits_ended_at", "visits", ["ended_at"])
    op.create_index("ix_visits_state", "visits", ["state"])
    op.create_index("ix_visits_watch_id_started_at", "visits", ["watch_id", "started_at"])

    op.create_table(
        "captures",
        _column("id", ID),
        _column("key_hash", sa.LargeBinary()),
        _optional("watch_id", ID),
        _optional("visit_id", ID),
        _column("source", sa.Text()),
        _column("url", sa.Text()),
        _column("status", ID),
        _column("headers", sa.JSON()),
        _column("body_hash", sa.Text()),
        _column("fetched_at", TIME),
        _column("met_at", TIME),
        _to("captures", "body_hash", "bodies.body_hash"),
        _to("captures", "visit_id", "visits.id", "SET NULL"),
        _to("captures", "watch_id", "watches.id"),
        sa.PrimaryKeyConstraint("id", name="pk_captures"),
        sa.UniqueConstraint("key_hash", name="uq_captures_key_hash"),
    )
    op.create_index("ix_captures_body_hash", "captures", ["body_hash"])
    op.create_index("ix_captures_met_at", "captures", ["met_at"])
    op.create_index("ix_captures_visit_id", "captures", ["visit_id"])
    op.create_index("ix_captures_watch_id", "captures", ["watch_id"])

    op.create_table(
        "gaps",
        _column("id", ID),
        _column("watch_id", ID),
        _optional("visit_id", ID),
        _optional("since", TIME),
        _column("until", TIME),
        _column("reason", sa.Text()),
        _column("tries", ID),
        _column("is_final", sa.Boolean()),
        _column("opened_at", TIME),
        _to("gaps", "visit_id", "visits.id", "SET NULL"),
        _to("gaps", "watch_id", "watches.id"),
        sa.PrimaryKeyConstraint("id", name="pk_gaps"),
    )
    op.create_index("ix_gaps_watch_id", "gaps", ["watch_id"])

    op.create_table(
        "quarantine",
        _column("id", ID),
        _column("item_hash", sa.LargeBinary()),
        _optional("watch_id", ID),
        _optional("visit_id", ID),
        _column("source", sa.Text()),
        _column("key", sa.Text()),
        _column("url", sa.Text()),
        _column("code", sa.Text()),
        _column("words", sa.Text()),
        _column("seen_at", TIME),
        _to("quarantine", "visit_id", "visits.id", "SET NULL"),
        _to("quarantine", "watch_id", "watches.id"),
        sa.PrimaryKeyConstraint("id", name="pk_quarantine"),
        sa.UniqueConstraint("item_hash", name="uq_quarantine_item_hash"),
    )
    op.create_index("ix_quarantine_seen_at", "quarantine", ["seen_at"])
    op.create_index("ix_quarantine_watch_id", "quarantine", ["watch_id"])

    op.create_table(
        "seen_keys",
        _column("watch_id", ID),
        _column("key_hash", sa.LargeBinary()),
        _optional("visit_id", ID),
        _column("seen_at", TIME),
        _to("seen_keys", "visit_id", "visits.id", "SET NULL"),
        _to("seen_keys", "watch_id", "watches.id"),
        sa.PrimaryKeyConstraint("watch_id", "key_hash", name="pk_seen_keys"),
    )
    op.create_index("ix_seen_keys_visit_id", "seen_keys", ["visit_id"])

    op.create_table(
        "sightings",
        _column("mention_id", ID),
        _column("watch_id", ID),
        _optional("visit_id", ID),
        _column("content_hash", sa.Text()),
        _column("seen_at", TIME),
        _column("missed", ID),
        _optional("gone_at", TIME),
        _to("sightings", "mention_id", "mentions.id"),
        _to("sightings", "visit_id", "visits.id", "SET NULL"),
        _to("sightings", "watch_id", "watches.id"),
        sa.PrimaryKeyConstraint("mention_id", "watch_id", name="pk_sightings"),
    )
    op.create_index("ix_sightings_visit_id", "sightings", ["visit_id"])
    op.create_index("ix_sightings_watch_id_seen_at", "sightings", ["watch_id", "seen_at"])
    op.create_table(
        "visit_pages",
        _column("visit_id", ID),
        _column("number", ID),
        _column("keys", sa.LargeBinary()),
        _column("is_whole", sa.Boolean()),
        _to("visit_pages", "visit_id", "visits.id"),
        sa.PrimaryKeyConstraint("visit_id", "number", name="pk_visit_pages"),
    )
    op.create_table(
        "sketches",
        _column("value", ID),
        _column("mention_id", ID),
        sa.PrimaryKeyConstraint("value", "mention_id", name="pk_sketches"),
        sqlite_with_rowid=False,
    )
    _make_search()


def downgrade() -> None:
    """Take all tables away."""
    op.execute("DROP TABLE mention_search")
    for table in TABLES:
        op.drop_table(table)


def _column(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _optional(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)


def _to(table: str, column: str, there: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{there.partition('.')[0]}"
    return sa.ForeignKeyConstraint([column], [there], name=name, ondelete=ondelete)


def _make_search() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(FTS5)
    else:
        op.execute(TSVECTOR)
        op.execute(GIN)
