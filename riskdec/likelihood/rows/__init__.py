"""Rows as they are read: which columns, in which units, block by block on several threads."""
