"""The sample pages with schema.org reviews: the brand's product page and a forum's corner."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from html import escape
from statistics import mean

from earful.demo.catalogue import BRAND_PAGE, BRAND_SITE, PRODUCTS, ZONE
from earful.demo.posts import Post, at_place
from earful.demo.reply import HTML, Reply


def brand_page(*, now: datetime) -> Reply:
    """Return the product page; its reviews stand in JSON-LD, nested under Product in a @graph."""
    posts = at_place("page", now=now)
    graph = {"@context": "https://schema.org", "@graph": [_organisation(), _product(posts)]}
    script = json.dumps(graph, ensure_ascii=False, indent=1).replace("</", "<\\/")
    shown = "\n".join(
        f"<li><b>{escape(post.author)}</b> {'★' * (post.stars or 0)}<p>{escape(post.sent)}</p></li>"
        for post in posts
    )
    name = PRODUCTS["noi18"].name
    return Reply(
        f"<!doctype html>\n<html lang=vi><head><meta charset=utf-8><title>{name}</title>\n"
        f'<script type="application/ld+json">\n{script}\n</script></head>\n'
        f"<body><h1>{name}</h1><p>1.690.000 ₫</p><ul>\n{shown}\n</ul></body></html>\n",
        HTML,
        is_kept=True,
    )


def _organisation() -> dict[str, object]:
    return {
        "@type": "Organization",
        "@id": f"https://{BRAND_SITE}/#hang",
        "name": "Lúa Mây",
        "url": f"https://{BRAND_SITE}/",
    }


def _product(posts: Sequence[Post]) -> dict[str, object]:
    product: dict[str, object] = {
        "@type": "Product",
        "@id": f"{BRAND_PAGE}#san-pham",
        "name": PRODUCTS["noi18"].name,
        "sku": "LM-RC18",
        "brand": {"@id": f"https://{BRAND_SITE}/#hang"},
        "offers": {"@type": "Offer", "price": "1690000", "priceCurrency": "VND"},
        "review": [_review(post) for post in posts],
    }
    if posts:
        product["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": f"{mean(post.stars or 0 for post in posts):.1f}",
            "reviewCount": len(posts),
        }
    return product


def _review(post: Post) -> dict[str, object]:
    return {
        "@type": "Review",
        "@id": post.mention_key,
        "author": {"@type": "Person", "name": post.author},
        "datePublished": post.at.astimezone(ZONE).isoformat(),
        "reviewBody": post.sent,
        "reviewRating": {"@type": "Rating", "ratingValue": str(post.stars), "bestRating": "5"},
    }


def corner_page(*, now: datetime) -> Reply:
    """Return the forum's review corner; its reviews are schema.org microdata."""
    posts = at_place("corner", now=now)
    name = PRODUCTS["noi18"].name
    return Reply(
        "<!doctype html>\n<html lang=vi><head><meta charset=utf-8>"
        f"<title>Góc đánh giá: {name}</title></head>\n<body>"
        f'<main itemscope itemtype="https://schema.org/Product">'
        f'<h1 itemprop="name">{name}</h1>\n'
        + "\n".join(_microdata(post) for post in posts)
        + "\n</main></body></html>\n",
        HTML,
        is_kept=True,
    )


def _microdata(post: Post) -> str:
    address = post.mention_key
    posted = post.at.astimezone(ZONE).isoformat()
    return (
        f'<article itemprop="review" itemscope itemtype="https://schema.org/Review"'
        f' itemid="{address}" id="bai-{post.key}">\n'
        f'<a itemprop="url" href="{address}">#{post.key}</a>\n'
        f'<span itemprop="author" itemscope itemtype="https://schema.org/Person">'
        f'<b itemprop="name">{escape(post.author)}</b></span>\n'
        f'<time itemprop="datePublished" datetime="{posted}">{posted[:10]}</time>\n'
        f'<span itemprop="reviewRating" itemscope itemtype="https://schema.org/Rating">'
        f'<meta itemprop="bestRating" content="5"><b itemprop="ratingValue">{post.stars}</b>'
        f"/5</span>\n"
        f'<p itemprop="reviewBody">{escape(post.sent)}</p>\n</article>'
    )
