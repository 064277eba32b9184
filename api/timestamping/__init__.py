"""The time-stamp authorities of others that are configured: their list, the way to them, and how many calls may run.

Knows HTTP and TLS. Must not know what is stamped; whether a token is trusted is asked in the use-cases.
"""

from api.timestamping.addresses import TsaAddress, parse_authorities
from api.timestamping.client import TsaClient
from api.timestamping.slots import DatabaseSlots, FileSlots

__all__ = ["DatabaseSlots", "FileSlots", "TsaAddress", "TsaClient", "parse_authorities"]
