"""Where a hierarchy publishes, under which identifiers, and whether it is a development one.

Knows addresses. Fetches nothing.
"""

from dataclasses import dataclass

from signing.identity import DEFAULT_ARC, OidArc


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where the hierarchy publishes, under which identifiers, and whether it is a development one."""

    base_url: str
    """Without a slash at the end; a public DNS name, http (RFC 5280 §4.2.1.13 and §8: no https loops)."""
    development: bool
    arc: OidArc = DEFAULT_ARC
    crl_shards: int = 1
    """Over how many lists the certificates of an issuing authority are spread, a power of two; 1: one list."""

    cps_pointer: bool = False
    """Whether holders' certificates carry the address of the practice statement (RFC 5280 §4.2.1.4); outside
    development only. Outside linters note it (NOTICE), and no path validation reads it."""

    @property
    def cps_url(self) -> str | None:
        """The address of the practice statement as holders' certificates carry it, or None."""
        return f"{self.base_url}/pki/cps" if self.cps_pointer and not self.development else None

    def certificate_url(self, authority: str) -> str:
        """Return where an authority's certificate is fetched (AIA caIssuers)."""
        return f"{self.base_url}/pki/{authority}.cer"

    def crl_url(self, authority: str, shard: int | None = None) -> str:
        """Return where a list of an authority is fetched: the full one, or a shard (CRL distribution point)."""
        return (
            f"{self.base_url}/pki/{authority}.crl" if shard is None else f"{self.base_url}/pki/{authority}/{shard}.crl"
        )

    def delta_url(self, authority: str, shard: int | None = None) -> str:
        """Return where the changes since an older list are fetched (Freshest CRL)."""
        return self.crl_url(authority, shard).removesuffix(".crl") + "-delta.crl"

    def ocsp_url(self, authority: str) -> str:
        """Return where status of an authority's certificates is asked for (AIA OCSP)."""
        return f"{self.base_url}/pki/ocsp/{authority}"
