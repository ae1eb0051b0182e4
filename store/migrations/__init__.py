"""How the tables came to be, version by version; run by `store.schema`."""
