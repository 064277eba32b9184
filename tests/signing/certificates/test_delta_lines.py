"""Delta lists: the lines that differ between a complete list that was published and today's."""

from datetime import timedelta

from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from signing.ca import authority_of
from signing.profiles import AuthorityName
from signing.revocation import CrlContent, build_crl, delta_entries, encode_entries
from tests.signing.certificates.hierarchy import AT, Samples

NOW_S = int(AT.timestamp())
SERIALS = st.one_of(st.integers(1, 300), st.integers(1, (1 << 159) - 1))
LINES = st.dictionaries(SERIALS, st.tuples(st.integers(0, NOW_S), st.sampled_from((None, 1, 4, 5, 6))), max_size=12)


def published(samples: Samples, entries: bytes) -> bytes:
    authority = authority_of(AuthorityName.PERSONAL, samples.hierarchy.registry)
    content = CrlContent(number=1, this_update=AT, next_update=AT + timedelta(days=7), entries=entries)
    return build_crl(content, authority.credential, samples.hierarchy.room.keys)


def lines(found: dict[int, tuple[int, int | None]]) -> bytes:
    return encode_entries((serial, *rest) for serial, rest in found.items())


@given(before=LINES, now=LINES)
def test_the_older_list_and_the_delta_together_are_the_newer_list(
    samples: Samples, before: dict[int, tuple[int, int | None]], now: dict[int, tuple[int, int | None]]
) -> None:
    delta = delta_entries(published(samples, lines(before)), lines(now), AT)
    state = dict(before)
    for line in x509.load_der_x509_crl(published(samples, delta)):
        reason = next((extension.value.reason for extension in line.extensions), None)
        if reason is x509.ReasonFlags.remove_from_crl:
            del state[line.serial_number]
        else:
            state[line.serial_number] = now[line.serial_number]
            assert before.get(line.serial_number) != now[line.serial_number]
    assert state == now
