"""Lays out the word lists that all judges share when this is imported, which takes a second.

The server that crawl children are forked from imports it once for all of them: each
child would else lay out its own.
"""

from __future__ import annotations

from scoring.judge import own_english, own_vietnamese

own_english()
own_vietnamese().lay_out()
