"""One file a command; each has a `command` that the group imports when it is called."""
