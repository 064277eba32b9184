"""Checks PDF signatures and certificates: values in, a report out."""
