"""The pages that people see: checking signatures, the landing page of QR codes, the API's description.

Knows templates, wording and what a browser needs. Must not know rules of the domain: it shows what a use-case says.
"""
