"""Orders in, pages out: every source Earful reads, and the polite crawl that fetches them."""
