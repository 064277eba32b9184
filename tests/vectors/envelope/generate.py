"""Make `tink.json` again: ciphertexts by Google's Tink, an implementation independent of ours.

Run by hand in an environment with tink 1.16.1 (it is no dependency of the project):
`python tests/vectors/envelope/generate.py > tests/vectors/envelope/tink.json`.

Long ciphertexts are kept as header and SHA-256: the rest follows from key, header and plaintext. The plaintext
of length n is the first n bytes of SHAKE-128("anso").
"""

import hashlib
import io
import json
import sys

import tink
from tink import secret_key_access, streaming_aead
from tink.proto import aes_gcm_hkdf_streaming_pb2, common_pb2, tink_pb2

KEY = bytes(range(32))
BOUND_TO = "anso|ràng buộc".encode()
LENGTHS = (0, 1, 1000, 1048519, 1048520, 1048521, 2097080, 2097081)
SHORT = 2000


class Sink(io.BytesIO):
    """Keeps its bytes when Tink closes it."""

    def close(self) -> None:
        """Leave it readable."""


def primitive() -> streaming_aead.StreamingAead:
    """Tink's AES256_GCM_HKDF_1MB with our key."""
    streaming_aead.register()
    key = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingKey(
        version=0,
        key_value=KEY,
        params=aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingParams(
            ciphertext_segment_size=1048576, derived_key_size=32, hkdf_hash_type=common_pb2.SHA256
        ),
    )
    keyset = tink_pb2.Keyset(primary_key_id=1)
    keyset.key.add(
        key_data=tink_pb2.KeyData(
            type_url="type.googleapis.com/google.crypto.tink.AesGcmHkdfStreamingKey",
            value=key.SerializeToString(),
            key_material_type=tink_pb2.KeyData.SYMMETRIC,
        ),
        status=tink_pb2.ENABLED,
        key_id=1,
        output_prefix_type=tink_pb2.RAW,
    )
    handle = tink.proto_keyset_format.parse(keyset.SerializeToString(), secret_key_access.TOKEN)
    return handle.primitive(streaming_aead.StreamingAead)


def vector(cipher: streaming_aead.StreamingAead, length: int) -> dict[str, object]:
    """One ciphertext and what it must decrypt to."""
    plaintext = hashlib.shake_128(b"anso").digest(length)
    sink = Sink()
    with cipher.new_encrypting_stream(sink, BOUND_TO) as stream:
        stream.write(plaintext)
    ciphertext = sink.getvalue()
    found: dict[str, object] = {
        "length": length,
        "header": ciphertext[:40].hex(),
        "size": len(ciphertext),
        "sha256": hashlib.sha256(ciphertext).hexdigest(),
    }
    if length <= SHORT:
        found["ciphertext"] = ciphertext.hex()
    return found


def main() -> None:
    """Write the vectors to standard output."""
    cipher = primitive()
    document = {
        "made_with": "tink 1.16.1, AES256_GCM_HKDF_1MB, raw prefix",
        "key": KEY.hex(),
        "bound_to": BOUND_TO.hex(),
        "vectors": [vector(cipher, length) for length in LENGTHS],
    }
    json.dump(document, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
