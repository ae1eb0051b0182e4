"""TikTok Shop reviews, from the seller centre's file."""

from __future__ import annotations

import re

from crawlers.exported import ExportedFiles
from ingest.mention import FIVE_STARS


class TikTokShop(ExportedFiles):
    """Review files of an own shop; their columns are guessed, what you correct is kept."""

    kind = "tiktok_shop"
    name_en = "TikTok Shop"
    name_vi = "TikTok Shop"
    covers = "the review file of the seller centre, and lists that tools save"
    does_not_cover = "anything that was not exported; there is no public way to a shop's reviews"
    evidence = "from documentation, experimental: no real file was at hand, columns are guessed"
    place = re.compile(
        r"(?:shop|seller[\w-]*)\.tiktok\.com(?:/|$)|(?:[\w.-]+\.)?tiktokshop\.com(?:/|$)"
        r"|(?:www\.)?tiktok\.com/(?:shop|view/product)(?:/|$)"
    )
    why = "TikTok Shop gives its reviews to the seller only"
    instead = (
        "export the reviews in the seller centre, then: earful import FILE --source tiktok_shop"
    )
    scale = FIVE_STARS


SOURCE = TikTokShop()
