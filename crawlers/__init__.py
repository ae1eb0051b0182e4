"""Orders in, fetched pages out to a receiver: Scrapy, politeness and bounds."""
