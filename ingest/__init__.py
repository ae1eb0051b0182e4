"""Bytes and rows in, `Mention` out: readers, text, times and matching; pure."""
