"""What the service itself vouches for, sealed: data as JSON (JWS) and as XML (XAdES); PDF has ``signing.pades``.

Knows bytes, keys by name and certificates. Must not know what the data say.
"""

from signing.seals.jose import sealed_json
from signing.seals.xml import sealed_xml

__all__ = ["sealed_json", "sealed_xml"]
