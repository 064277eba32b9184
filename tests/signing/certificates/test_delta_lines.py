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
REASONS = st.dictionaries(SERIALS, st.sampled_from((None, 1, 4, 5, 6)), max_size=12)
State = dict[int, tuple[int, int | None]]


def dated(states: list[dict[int, int | None]]) -> list[State]:
    """What changes is dated when it changes; what stays keeps its date."""
    found: list[State] = [{}]
    for number, state in enumerate(states):
        found.append({serial: (found[-1].get(serial, (NOW_S + number, None))[0], why) for serial, why in state.items()})
    return found[1:]


def published(samples: Samples, entries: bytes) -> bytes:
    authority = authority_of(AuthorityName.PERSONAL, samples.hierarchy.registry)
    content = CrlContent(number=1, this_update=AT, next_update=AT + timedelta(days=7), entries=entries)
    return build_crl(content, authority.credential, samples.hierarchy.room.keys)


def lines(found: State) -> bytes:
    return encode_entries((serial, *rest) for serial, rest in found.items())


@given(chosen=st.lists(REASONS, min_size=2, max_size=4))
def test_every_list_since_the_base_and_the_delta_together_are_the_newest(
    samples: Samples, chosen: list[dict[int, int | None]]
) -> None:
    """Also what was held and released in between: a delta may be laid over any list from its base on."""
    states = dated(chosen)
    base, delta = published(samples, lines(states[0])), b""
    for number, now in enumerate(states[1:], start=1):
        newest = published(samples, lines(states[number - 1]))
        changes = delta_entries(base, newest, delta, lines(now), base_at=AT, at=AT + timedelta(hours=number))
        delta = published(samples, changes)
    for held in states[:-1]:
        state = dict(held)
        for line in x509.load_der_x509_crl(delta):
            reason = next((extension.value.reason for extension in line.extensions), None)
            if reason is x509.ReasonFlags.remove_from_crl:
                state.pop(line.serial_number, None)
            else:
                state[line.serial_number] = states[-1][line.serial_number]
        assert state.keys() == states[-1].keys()


def test_what_left_the_list_before_the_base_is_no_longer_told(samples: Samples) -> None:
    empty, at = published(samples, b""), AT + timedelta(days=1)
    last = published(samples, encode_entries([(7, NOW_S, 8)]))
    assert delta_entries(empty, empty, last, b"", base_at=AT, at=at) == encode_entries([(7, NOW_S, 8)])
    assert delta_entries(empty, empty, last, b"", base_at=AT + timedelta(seconds=1), at=at) == b""
