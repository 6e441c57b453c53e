"""Thousands of columns, most of them zero: one-hot blocks as codes, never written out."""
