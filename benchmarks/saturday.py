"""The script one writes on a Saturday: feedparser, vaderSentiment, an ORM row per entry.

What Earful is compared with. It commits once a feed, asks for each entry whether
it is there, and knows nothing of brands, kinds, flags, captures or gaps.
"""

from __future__ import annotations

import sys

import feedparser
from sqlalchemy import String, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from benchmarks.measure import Meter


class Base(DeclarativeBase):
    pass


class Entry(Base):
    __tablename__ = "entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    link: Mapped[str] = mapped_column(String, unique=True)
    feed: Mapped[str]
    title: Mapped[str]
    text: Mapped[str]
    author: Mapped[str]
    published: Mapped[str]
    score: Mapped[float]


def collect(session: Session, urls: list[str], vader: SentimentIntensityAnalyzer) -> int:
    """Read every feed, score and store what is new; return how much that is."""
    new = 0
    for url in urls:
        for entry in feedparser.parse(url).entries:
            if session.scalar(select(Entry).where(Entry.link == entry.link)) is not None:
                continue
            text = entry.get("summary", "")
            score = vader.polarity_scores(text)["compound"]
            session.add(
                Entry(
                    link=entry.link, feed=url, title=entry.title, text=text,
                    author=entry.get("author", ""), published=entry.get("published", ""),
                    score=score,
                )
            )  # fmt: skip
            new += 1
        session.commit()
    return new


def main(database: str, passes: int, urls: list[str]) -> None:
    """Collect several times over, printing "new CPU-seconds" a pass."""
    engine = create_engine(f"sqlite:///{database}")
    Base.metadata.create_all(engine)
    vader = SentimentIntensityAnalyzer()
    for _ in range(passes):
        meter = Meter()
        with Session(engine) as session:
            new = collect(session, urls, vader)
        print(new, meter.cpu_s(), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.stdin.read().split())
