"""What a certificate costs beside its signature: built, linted in full and signed, as ratio to the raw signature."""

import itertools
import secrets
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signing.ca import (
    CertificateTemplate,
    Holder,
    Recipe,
    Room,
    Signatory,
    activate,
    authority_of,
    issue,
    new_serial,
    parse_recipe,
    perform,
    prepare,
    record,
)
from signing.ca.issuer import Once, PreparedCertificate, RecordedCertificate
from signing.identity import PersonSubject, ProfileName, Scope
from signing.keys import KeyKind, SignatureAlgorithm
from signing.keys.software import PrivateKey, new_throwaway_key, sign_with
from signing.lint import Primary
from signing.profiles import PROFILES, AuthorityName, Site
from signing.registry import MemoryRegistry, Registry
from tests.bench.conftest import Board
from tests.signing.certificates.hierarchy import AT, recipe_text

pytestmark = pytest.mark.bench

_ROUNDS = 5
_PER_ROUND = 400
_SURNAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi")
_GIVEN_NAMES = ("Thị Ánh", "Văn Bình", "Minh Châu", "Quốc Dũng", "Thu Hương", "Khánh Linh")


class OpenStore:
    """A store whose keys lie open in memory, as a device's do inside it: what is measured is the issuing."""

    def __init__(self) -> None:
        self.keys: dict[str, PrivateKey] = {}

    def generate(self, key_id: str, kind: KeyKind) -> bytes:
        self.keys[key_id] = new_throwaway_key(kind)
        return self.public_key(key_id)

    def public_key(self, key_id: str) -> bytes:
        key = self.keys[key_id].public_key()
        return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, key_id: str, data: bytes, algorithm: SignatureAlgorithm) -> bytes:
        return sign_with(self.keys[key_id], data, algorithm)

    def destroy(self, key_id: str) -> None:
        del self.keys[key_id]


class Office:
    """A hierarchy whose keys are at hand, and people to issue for: each with another name, number, key and moment."""

    def __init__(self) -> None:
        self.store = OpenStore()
        self.registry = MemoryRegistry()
        self.site = Site(base_url="http://pki.example.vn", development=True)
        counter = itertools.count(1)
        room = Room(
            keys=self.store,
            site=self.site,
            new_id=lambda prefix: f"{prefix}_{next(counter):06d}",
            entropy=secrets.token_bytes,
        )

        class Opened:
            def __enter__(inner) -> Registry:  # noqa: N805 - the office is the outer self
                return self.registry

            def __exit__(inner, *_: object) -> None:  # noqa: N805 - the same
                return None

        recipe: Recipe = parse_recipe(recipe_text())
        perform(recipe, room, Opened, at=AT)
        self.signatory = Signatory.of(authority_of(AuthorityName.PERSONAL, self.registry))
        self.secondary = Signatory.of(authority_of(AuthorityName.SECONDARY, self.registry))
        keys = [ec.generate_private_key(ec.SECP256R1()).public_key() for _ in range(64)]
        self.spkis = [key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) for key in keys]

    def templates(self, name: ProfileName = ProfileName.PERSONAL, **more: object) -> Iterator[CertificateTemplate]:
        for number in itertools.count():
            begin = AT + timedelta(seconds=number)
            yield CertificateTemplate(
                profile=PROFILES[name],
                subject=PersonSubject(
                    name=f"{_SURNAMES[number % 8]} {_GIVEN_NAMES[number % 6]}",
                    personal_id=f"0221{number % 100:02d}{number % 1_000_000:06d}",
                    organisation="Ủy ban nhân dân phường Yên Giang",
                    org_code="H49.61.07",
                    title="Phó Chủ tịch",
                ),
                public_key=self.spkis[number % 64],
                serial=new_serial(secrets.token_bytes(16)),
                not_before=begin,
                not_after=begin + timedelta(days=300),
                **more,
            )

    def raw(self, tbs: bytes) -> Callable[[], object]:
        key = self.store.keys[self.signatory.key_id]
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return lambda: key.sign(tbs, ec.ECDSA(hashes.SHA256()))


@pytest.fixture(scope="module")
def office() -> Office:
    return Office()


def unrecorded(prepared: PreparedCertificate) -> RecordedCertificate:
    """The step to the registry left out: its cost is the database's."""
    return RecordedCertificate(certificate_id="bench", prepared=prepared, token=Once())


def ratio(work: Callable[[], object], raw: Callable[[], object]) -> float:
    """CPU time of ``work`` in raw signatures; both measured in turn, so that both have the same neighbours."""
    found = []
    for _ in range(_ROUNDS):
        times = []
        for one in (raw, work):
            begin = time.process_time()
            for _ in range(_PER_ROUND):
                one()
            times.append(time.process_time() - begin)
        found.append(times[1] / times[0])
    return statistics.median(found)


def test_a_certificate_costs_at_most_six_raw_signatures(office: Office, board: Board) -> None:
    templates = list(itertools.islice(office.templates(), 2 * _PER_ROUND))
    turn = itertools.cycle(templates)
    sample = prepare(templates[0], office.site, office.signatory)

    def work() -> bytes:
        prepared = prepare(next(turn), office.site, office.signatory)
        return issue(unrecorded(prepared), office.store)

    figure = ratio(work, office.raw(sample.tbs))
    board.add("issue a P-256 certificate: build, lint, sign", figure, "x raw", aim="<= 6")
    assert figure <= 6


def test_a_secondary_certificate_costs_a_few_more(office: Office, board: Board) -> None:
    primary = Primary(sha256="ab" * 32, scope=Scope(), not_after=AT + timedelta(days=9999))
    more = {"ordinal": 2, "primary_sha256": primary.sha256, "scope": Scope.parse(places=["H49.61.90"])}
    turn = itertools.cycle(itertools.islice(office.templates(ProfileName.PERSONAL_SECONDARY, **more), 800))
    sample = prepare(next(turn), office.site, office.secondary, primary=primary)

    def work() -> bytes:
        prepared = prepare(next(turn), office.site, office.secondary, primary=primary)
        return issue(unrecorded(prepared), office.store)

    figure = ratio(work, office.raw(sample.tbs))
    board.add("issue a secondary with link and scope", figure, "x raw", aim="(observed)")


def test_the_whole_way_with_the_record_is_observed(office: Office, board: Board) -> None:
    numbers, turn = itertools.count(), itertools.cycle(itertools.islice(office.templates(), 800))
    sample = prepare(next(turn), office.site, office.signatory)

    class NoRegistry(MemoryRegistry):
        """Keeps nothing: the bench must not measure a growing table."""

        def record(self, record: object, **_: object) -> None:
            self.kept = record

        def activate(self, *_: object) -> None:
            pass

        def get(self, *_: object) -> object:
            return self.kept

    registry = NoRegistry()

    def work() -> object:
        prepared = prepare(next(turn), office.site, office.signatory)
        holder = Holder(certificate_id=f"c{next(numbers)}", key_id="key_bench")
        entry = record(prepared, holder, PROFILES[ProfileName.PERSONAL], registry, at=AT, actor="bench")
        return activate(holder.certificate_id, issue(entry, office.store), registry, at=AT, actor="bench")

    figure = ratio(work, office.raw(sample.tbs))
    board.add("the same with its record, without the database", figure, "x raw", aim="(observed)")
