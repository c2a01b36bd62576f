"""One file per family of figures; each returns a Figure or None when it has nothing to say."""
