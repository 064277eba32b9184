"""Providers of remote signatures that an operator configured: how to reach them, and who may be asked.

Knows addresses, tokens and limits. Must not know certificates, documents or who signs.
"""

from api.remote_signers.client import ProviderClient
from api.remote_signers.providers import Provider, RemoteSigners, parse_providers

__all__ = ["Provider", "ProviderClient", "RemoteSigners", "parse_providers"]
