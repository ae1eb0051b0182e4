"""One file per source; `crawlers.registry` finds each by its `SOURCE`. No Scrapy in here."""
