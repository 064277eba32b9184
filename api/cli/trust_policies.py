"""`anso trust`: signed policy files that say which roots count: draft, sign, check a folder, show what is in force.

A file comes into force when two officers have signed it and both signatures lie beside it in the trust folder.
"""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.exits import Exit, fail
from api.cli.moments import read_moment
from api.cli.output import DataOption, Format, FormatOption, write, write_items
from signing.trust import TrustProfile, TrustPurpose

if TYPE_CHECKING:
    from signing.trust import SignedPolicy, TrustAnchor, TrustBook, TrustPolicy
    from signing.trust.officers import PrivateKey

app = typer.Typer(no_args_is_help=True, help="Danh mục tin cậy / trust policies")

_Officers = Annotated[
    Path | None,
    typer.Option("--officers", help="Tệp khóa của cán bộ / officers' keys (ANSO_TRUST_OFFICERS)", dir_okay=False),
]
_Moment = Annotated[str | None, typer.Option("--at", help="Thời điểm, ISO 8601 / moment")]


@app.command()
def draft(  # noqa: PLR0917 - every option of a typer command is a parameter
    out: Annotated[Path, typer.Option("--out", help="Tệp cần ghi / file to write", dir_okay=False)],
    profile: Annotated[TrustProfile, typer.Option("--profile", help="Danh mục / profile")],
    begin: Annotated[str, typer.Option("--from", help="Hiệu lực từ, ISO 8601 / in force from")],
    root: Annotated[list[Path] | None, typer.Option("--root", help="Gốc mới, PEM hoặc DER / new root")] = None,
    purpose: Annotated[
        list[TrustPurpose] | None, typer.Option("--purpose", help="Mục đích / what new roots may")
    ] = None,
    since: Annotated[str | None, typer.Option("--since", help="Gốc mới được tính từ / new roots count from")] = None,
    end: Annotated[list[str] | None, typer.Option("--end", help="SHA256=THỜI ĐIỂM / end a root at")] = None,
    host: Annotated[list[str] | None, typer.Option("--host", help="Máy chủ CRL, OCSP / status host")] = None,
    previous: Annotated[Path | None, typer.Option("--previous", help="Tệp trước / file before", dir_okay=False)] = None,
    until: Annotated[str | None, typer.Option("--to", help="Hết hiệu lực / in force until")] = None,
) -> None:
    """Soạn tệp chính sách mới, nối tiếp tệp trước / write the next policy file, still to be signed."""
    from signing.errors import TrustError
    from signing.trust import read_policy, require_succession, write_policy

    try:
        before = None if previous is None else read_policy(_read(previous))
        kept = () if before is None else _carried(before, end or [])
        made = write_policy(
            (*kept, *_new_roots(root or [], profile, purpose or [], read_moment(since or begin, "thời điểm / moment"))),
            profile=profile,
            valid_from=read_moment(begin, "thời điểm / moment"),
            valid_to=read_moment(until, "thời điểm / moment") if until else None,
            previous=before,
            fetch_hosts=tuple(host or (before.fetch_hosts if before else ())),
        )
        if before is not None:
            require_succession(before, made)
    except TrustError as err:
        fail(Exit.USAGE, f"{err.code}: {err}")
    out.write_bytes(made.content)
    print(f"{out}: {made.policy_id} {made.sha256}")


@app.command()
def sign(
    file: Annotated[Path, typer.Argument(help="Tệp chính sách / policy file", dir_okay=False)],
    key: Annotated[Path, typer.Option("--key", help="Khóa bí mật PEM / private key", dir_okay=False)],
    officer: Annotated[str, typer.Option("--officer", help="Mã cán bộ trong tệp cán bộ / officer's id")],
    output: FormatOption = Format.TEXT,
) -> None:
    """Ký một tệp chính sách; cần hai người / sign a policy file; two persons are needed."""
    from signing.errors import TrustError
    from signing.trust import read_policy, sign_policy

    try:
        policy = read_policy(_read(file))
        signature = sign_policy(policy.content, officer, _private_key(key))
    except TrustError as err:
        fail(Exit.CONFIGURATION, f"{err.code}: {err}")
    beside = file.with_name(f"{file.name}.{officer}.jws")
    beside.write_bytes(signature)
    lines = (f"{beside}: {policy.policy_id} {policy.sha256}", *_anchor_lines(policy))
    write({"signature": str(beside), **_described(policy)}, output, "\n".join(lines))


@app.command()
def check(
    folder: Annotated[Path, typer.Argument(help="Thư mục tin cậy / trust folder", file_okay=False)],
    officers: _Officers = None,
    data: DataOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Kiểm tra mọi tệp và chữ ký / check every file, its signatures and its place behind the one before."""
    from api.cli.settings import load_settings
    from api.trust_folder import load_book

    settings = load_settings(data)
    book = load_book(folder, officers or settings.trust_officers, production=settings.is_production)
    if output is not Format.TEXT:
        write_items([_signed(one) for one in book.policies], output)
        return
    for one in book.policies:
        names = ", ".join(officer.officer_id for officer in one.signed_by)
        print(f"{one.policy.policy_id}: đủ chữ ký / signed by {names} | {one.policy.sha256}")
    if len(book.plain):
        print(f"CẢNH BÁO / WARNING: {len(book.plain)} gốc không có chữ ký / roots that nobody signed for")


@app.command()
def show(
    folder: Annotated[Path | None, typer.Argument(help="Thư mục / folder (ANSO_TRUST)", file_okay=False)] = None,
    officers: _Officers = None,
    at: _Moment = None,
    data: DataOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Các chính sách đang có hiệu lực / the policies in force at a moment, with their roots."""
    from api.cli.settings import load_settings
    from api.clock import now
    from api.trust_folder import load_book

    settings, moment = load_settings(data), read_moment(at, "thời điểm / moment") if at else now()
    place = folder or settings.trust
    book = load_book(place, officers or settings.trust_officers, production=settings.is_production)
    current = _current(book, moment)
    if output is not Format.TEXT:
        write_items([_signed(one) for one in current], output)
        return
    if not current:
        print("không có chính sách nào đang hiệu lực / no policy is in force")
    for one in current:
        print(f"{one.policy.policy_id} | {one.policy.valid_from.isoformat()} | {one.policy.sha256}")
        print("\n".join(_anchor_lines(one.policy)))


def _current(book: "TrustBook", moment: datetime) -> "list[SignedPolicy]":
    digests = {policy.sha256 for p in TrustProfile if (policy := book.in_force(p, moment)) is not None}
    return [one for one in book.policies if one.policy.sha256 in digests]


def _carried(before: "TrustPolicy", ends: list[str]) -> "tuple[TrustAnchor, ...]":
    """The roots of the file before, those that are named ended at their moment."""
    from dataclasses import replace
    from hashlib import sha256

    ended = {}
    for one in ends:
        digest, _, moment = one.partition("=")
        ended[digest.lower()] = read_moment(moment, "thời điểm / moment")
    carried = {sha256(anchor.certificate).hexdigest(): anchor for anchor in before.anchors}
    if ended.keys() - carried.keys():
        fail(Exit.USAGE, "--end: không có gốc này trong tệp trước / no such root in the file before")
    return tuple(replace(a, accepted_to=ended.get(digest, a.accepted_to)) for digest, a in carried.items())


def _new_roots(
    files: list[Path], profile: TrustProfile, purposes: list[TrustPurpose], since: datetime
) -> "tuple[TrustAnchor, ...]":
    from dataclasses import replace

    from signing.errors import CertificateMalformed
    from signing.trust import ALLOWED_PURPOSES, anchors_from_bytes

    allowed = frozenset(purposes) if purposes else ALLOWED_PURPOSES[profile]
    found: list[TrustAnchor] = []
    for file in files:
        try:
            read = anchors_from_bytes(_read(file), profile=profile)
        except CertificateMalformed:
            fail(Exit.INPUT_UNREADABLE, f"{file.name}: không phải chứng thư / no certificate")
        found.extend(replace(a, profile=profile, purposes=allowed, accepted_from=since) for a in read)
    return tuple(found)


def _private_key(path: Path) -> "PrivateKey":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    content = _read(path)
    try:
        try:
            key = load_pem_private_key(content, None)
        except TypeError:  # it is protected: the passphrase is asked for, never an argument
            secret = typer.prompt("Mật khẩu của khóa / passphrase", hide_input=True, err=True)
            key = load_pem_private_key(content, secret.encode())
    except (ValueError, UnsupportedAlgorithm):
        fail(Exit.NOT_AUTHORISED, f"{path.name}: không mở được khóa / the key cannot be opened")
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        fail(Exit.NOT_AUTHORISED, f"{path.name}: ECDSA hoặc RSA / ECDSA or RSA keys only")
    return key


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as err:
        fail(Exit.INPUT_UNREADABLE, f"{path}: {err.strerror}")


def _anchor_lines(policy: "TrustPolicy") -> list[str]:
    lines = []
    for anchor in policy.anchors:
        purposes = ", ".join(sorted(anchor.purposes or ()))
        begun = anchor.accepted_from.isoformat() if anchor.accepted_from else "?"
        ended = anchor.accepted_to.isoformat() if anchor.accepted_to else "…"
        lines.append(f"  {anchor.name} | {begun} – {ended} | {purposes}")
    return lines


def _described(policy: "TrustPolicy") -> dict[str, Any]:
    from hashlib import sha256

    return {
        **policy.reference.document(),
        "version": policy.version,
        "valid_to": policy.valid_to.isoformat() if policy.valid_to else None,
        "previous_sha256": policy.previous_sha256,
        "anchors": [
            {
                "name": a.name,
                "sha256": sha256(a.certificate).hexdigest(),
                "from": a.accepted_from.isoformat() if a.accepted_from else None,
                "to": a.accepted_to.isoformat() if a.accepted_to else None,
                "purposes": sorted(a.purposes or ()),
            }
            for a in policy.anchors
        ],
        "fetch_hosts": list(policy.fetch_hosts),
    }


def _signed(one: "SignedPolicy") -> dict[str, Any]:
    return {**_described(one.policy), "signed_by": [officer.officer_id for officer in one.signed_by]}
