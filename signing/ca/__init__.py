"""The issuing authority: prepare → lint → record → issue, and the ceremony that makes a hierarchy.

Knows certificates, keys and records. Knows no request, no person's file and no HTTP.
"""
