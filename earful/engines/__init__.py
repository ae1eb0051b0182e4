"""Optional engines: texts go in, chances of being negative come out; off by default."""
