"""The application's own records in SQL: organisations, people, accounts, procedures, dossiers, numbers.

Knows tables. Must not know HTTP, settings or the libraries: they get values from the use-cases.
"""
