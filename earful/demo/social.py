"""The sample Hacker News search and the sample Mastodon server, in the real shapes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from html import escape

from earful.demo.catalogue import SOCIAL
from earful.demo.posts import Post, at_place
from earful.demo.reply import NOT_FOUND, Reply, json_reply
from ingest.text import fold

_HASHTAG = re.compile(r"#(\w+)")
_FOLLOWERS = {"reach": 41300, "boycott": 5200}


def hacker_news(query: Mapping[str, str], *, now: datetime) -> Reply:
    """Answer `/api/v1/search_by_date?query=&tags=&numericFilters=&hitsPerPage=&page=`."""
    words = fold(query.get("query", "")).replace('"', " ").split()
    after = re.search(r"created_at_i\s*>=?\s*(\d+)", query.get("numericFilters", ""))
    since = int(after[1]) if after else 0
    found = [
        post
        for post in at_place("hackernews", now=now)
        if post.at.timestamp() >= since
        and all(word in fold(f"{post.title} {post.text}") for word in words)
        and _has_tag(post, query.get("tags", ""))
    ]
    size = max(1, min(1000, int(query.get("hitsPerPage", "20"))))
    page = int(query.get("page", "0"))
    shown = found[page * size : (page + 1) * size]
    return json_reply(
        {
            "exhaustive": {"nbHits": True, "typo": True},
            "hits": [_hit(post) for post in shown],
            "hitsPerPage": size,
            "nbHits": len(found),
            "nbPages": -(-len(found) // size),
            "page": page,
            "params": "",
            "processingTimeMS": 4,
            "query": query.get("query", ""),
        }
    )


def _has_tag(post: Post, tags: str) -> bool:
    kind = "story" if post.title else "comment"
    wanted = set(re.findall(r"story|comment", tags))
    return not wanted or kind in wanted


def _hit(post: Post) -> dict[str, object]:
    kind = "story" if post.title else "comment"
    story = post.key if post.title else str(int(post.key) - 5)
    hit: dict[str, object] = {
        "_highlightResult": {},
        "_tags": [kind, f"author_{post.author}", f"story_{story}"],
        "author": post.author,
        "created_at": post.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "created_at_i": int(post.at.timestamp()),
        "objectID": post.key,
        "story_id": int(story),
        "updated_at": post.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    if post.title:
        return hit | {"title": post.title, "points": 12, "num_comments": 3, "children": []}
    return hit | {
        "comment_text": escape(post.sent),
        "parent_id": int(story),
        "story_title": "Ask HN: What do you cook with?",
    }


def mastodon_tag(tag: str, query: Mapping[str, str], *, now: datetime) -> Reply:
    """Answer `/api/v1/timelines/tag/{tag}?limit=&max_id=&since_id=&min_id=`."""
    statuses = [
        post
        for post in at_place("mastodon", now=now)
        if fold(tag) in {fold(found) for found in _HASHTAG.findall(post.text)}
    ]
    if "max_id" in query:
        statuses = [post for post in statuses if int(post.key) < int(query["max_id"])]
    after = int(query.get("min_id") or query.get("since_id") or 0)
    statuses = [post for post in statuses if int(post.key) > after]
    limit = max(1, min(40, int(query.get("limit", "20"))))
    shown = statuses[:limit]
    headers = {}
    if shown:
        base = f"https://{SOCIAL}/api/v1/timelines/tag/{tag}?limit={limit}"
        headers["Link"] = (
            f'<{base}&max_id={shown[-1].key}>; rel="next", <{base}&min_id={shown[0].key}>; '
            'rel="prev"'
        )
    return json_reply([_status(post) for post in shown], headers=headers)


def mastodon(path: str, query: Mapping[str, str], *, now: datetime) -> Reply:
    """Answer what the sample Mastodon server knows: tag timelines."""
    start = "/api/v1/timelines/tag/"
    if not path.startswith(start):
        return NOT_FOUND
    return mastodon_tag(path.removeprefix(start), query, now=now)


def _status(post: Post) -> dict[str, object]:
    return {
        "id": post.key,
        "created_at": post.at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": post.language,
        "uri": f"https://{SOCIAL}/users/{post.author}/statuses/{post.key}",
        "url": f"https://{SOCIAL}/@{post.author}/{post.key}",
        "replies_count": 0,
        "reblogs_count": 0,
        "favourites_count": 0,
        "quotes_count": 0,
        "edited_at": None,
        "content": _content(post),
        "filtered": [],
        "reblog": None,
        "account": _account(post),
        "media_attachments": [],
        "mentions": [],
        "tags": [
            {"name": found.lower(), "url": f"https://{SOCIAL}/tags/{found.lower()}"}
            for found in _HASHTAG.findall(post.text)
        ],
        "emojis": [],
        "tagged_collections": [],
        "quote": None,
        "card": None,
        "poll": None,
    }


def _content(post: Post) -> str:
    """Write the hashtags as the real servers do: a link around a hash sign and a span."""
    linked = _HASHTAG.sub(
        lambda found: (
            f'<a href="https://{SOCIAL}/tags/{found[1].lower()}" class="mention hashtag"'
            f' rel="tag">#<span>{found[1]}</span></a>'
        ),
        escape(post.sent, quote=False),
    )
    return f"<p>{linked}</p>"


def _account(post: Post) -> dict[str, object]:
    return {
        "id": str(109000000000000000 + sum(map(ord, post.author))),
        "username": post.author,
        "acct": post.author,
        "display_name": post.author.replace("_", " ").title(),
        "locked": False,
        "bot": False,
        "discoverable": True,
        "created_at": "2023-02-11T00:00:00.000Z",
        "note": "",
        "url": f"https://{SOCIAL}/@{post.author}",
        "uri": f"https://{SOCIAL}/users/{post.author}",
        "followers_count": _FOLLOWERS.get(post.name, 180),
        "following_count": 95,
        "statuses_count": 640,
        "last_status_at": post.at.strftime("%Y-%m-%d"),
        "emojis": [],
        "fields": [],
    }
