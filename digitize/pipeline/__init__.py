"""Reads papers. This face is light: the work happens in `story`, which only child processes import."""

from digitize.pipeline.apart import DigitisedDocument, Digitiser

__all__ = ["DigitisedDocument", "Digitiser"]
