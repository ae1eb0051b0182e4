"""Facts of a day in, a digest and its delivery out."""
