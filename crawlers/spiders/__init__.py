"""One file a source: what it asks for, and how it reads the answer."""
