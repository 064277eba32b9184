"""Key-encryption keys in the token, one generation after the other, each with a key that binds rows to their ids.

AES-KWP has no place for associated data, so a second key of the token makes an HMAC over the whole row: who can
write into the database but not use the token can neither forge a row nor exchange two. Both keys are sensitive and
not extractable. Knows the token's secret keys. Knows no holder's key and no table.
"""

import hmac
from dataclasses import dataclass
from typing import Any, Final

from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass

from signing.errors import KeyDamaged, KeyUnavailable
from signing.keys.blobs import WrappedKey
from signing.keys.device import Device, Seat

_AES_BITS: Final = 256
_MAC_BITS: Final = 256
_DOMAIN: Final = b"anso wrapped key v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """The two keys of one generation, as one session sees them."""

    kek_id: str
    wrapping: Any
    binding: Any

    def bind(self, key_id: str, row: WrappedKey) -> bytes:
        """Return the HMAC over everything that belongs together; computed in the token."""
        message = bytearray()
        for part in (_DOMAIN, key_id.encode(), row.kind.value.encode(), self.kek_id.encode(), row.spki, row.wrapped):
            message += len(part).to_bytes(4, "big") + part
        made: bytes = self.binding.sign(bytes(message), mechanism=Mechanism.SHA256_HMAC)
        return made

    def require_bound(self, key_id: str, row: WrappedKey) -> None:
        """Refuse a row that this token did not make for this id.

        Raises:
            KeyDamaged: it was changed, or stands under another key's id.
        """
        if not hmac.compare_digest(row.binding, self.bind(key_id, row)):
            message = f"{key_id} is not the key that was generated under this id"
            raise KeyDamaged(message)


class Generations:
    """The key-encryption keys of one label in a token.

    Args:
        device: the token.
        label: begins the label of every generation: ``LABEL.kek-1``, ``LABEL.kek-1.mac``, ``LABEL.kek-2`` …
    """

    def __init__(self, device: Device, label: str) -> None:
        self._device = device
        self._label = label

    def __repr__(self) -> str:
        return f"Generations({self._label!r})"

    def ids(self) -> tuple[str, ...]:
        """Return the generations that the token holds, oldest first."""
        with self._device.seat() as seat:
            return tuple(f"kek-{number}" for number in self._numbers(seat))

    def make_next(self) -> str:
        """Make the next generation and return its id; new keys are wrapped under it from now on.

        For one operator at a time: two at once would give two keys one label, which every later use refuses.
        """
        with self._device.seat() as seat:
            number = max(self._numbers(seat), default=0) + 1
            name = f"{self._label}.kek-{number}"
            secret = {
                Attribute.SENSITIVE: True,
                Attribute.EXTRACTABLE: False,
                Attribute.PRIVATE: True,
                Attribute.MODIFIABLE: False,
            }
            # the binding key first: a generation counts only when it has its wrapping key
            seat.session.generate_key(
                KeyType.GENERIC_SECRET,
                _MAC_BITS,
                label=f"{name}.mac",
                id=f"{name}.mac".encode(),
                store=True,
                capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
                template=secret,
            )
            seat.session.generate_key(
                KeyType.AES,
                _AES_BITS,
                label=name,
                id=name.encode(),
                store=True,
                capabilities=MechanismFlag.WRAP | MechanismFlag.UNWRAP,
                template=secret,
            )
            return f"kek-{number}"

    def destroy(self, kek_id: str) -> None:
        """Destroy a generation for ever; whatever it still wraps is lost, so the caller has made sure."""
        with self._device.seat() as seat:
            for name in (f"{self._label}.{kek_id}", f"{self._label}.{kek_id}.mac"):
                for found in _secrets(seat, name):
                    found.destroy()

    def newest(self, seat: Seat) -> Generation:
        """Return the generation that new keys are wrapped under.

        Raises:
            KeyUnavailable: the token has none; an operator makes the first.
        """
        numbers = self._numbers(seat)  # asked each time: making a key is rare, and a new generation counts at once
        if not numbers:
            message = f"the token has no key-encryption key {self._label}.kek-1; make it with: anso keys rotate"
            raise KeyUnavailable(message)
        return self.of(seat, f"kek-{numbers[-1]}")

    def of(self, seat: Seat, kek_id: str) -> Generation:
        """Return one generation.

        Raises:
            KeyDamaged: the token does not have it, or has two keys of that name.
        """
        name = f"{self._label}.{kek_id}"
        known = seat.objects.get(name)
        if isinstance(known, Generation):
            return known
        wrapping, binding = _secrets(seat, name), _secrets(seat, f"{name}.mac")
        if len(wrapping) != 1 or len(binding) != 1:
            message = f"{name} is not the label of exactly one generation in this token"
            raise KeyDamaged(message)
        if any(key[Attribute.EXTRACTABLE] or not key[Attribute.SENSITIVE] for key in (*wrapping, *binding)):
            message = f"{name} could leave the token"
            raise KeyDamaged(message)
        made = Generation(kek_id=kek_id, wrapping=wrapping[0], binding=binding[0])
        seat.objects[name] = made
        return made

    def _numbers(self, seat: Seat) -> list[int]:
        head = f"{self._label}.kek-"
        keys = seat.session.get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.TOKEN: True})
        labels = (str(key[Attribute.LABEL]) for key in keys)
        tails = (label.removeprefix(head) for label in labels if label.startswith(head))
        return sorted({int(tail) for tail in tails if tail.isdecimal()})


def _secrets(seat: Seat, label: str) -> list[Any]:
    wanted = {Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.TOKEN: True, Attribute.LABEL: label}
    return list(seat.session.get_objects(wanted))
