"""The citizen vault: encrypted objects, catalogue, access, consent, reuse, and the audit ledger.

Knows nothing of HTTP, settings, signing or digitising: it gets values and gives values.
"""
