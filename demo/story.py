"""What the chapters of the demo share: who plays, where artefacts go, what is told."""

from dataclasses import dataclass, field
from pathlib import Path

from client import Client
from service import DemoFailed, RunningService


@dataclass(slots=True)
class Story:
    """The running demo: one client per role, the artefacts made so far, and the lines of the closing table."""

    service: RunningService
    output: Path
    clients: dict[str, Client] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    """Ids that later chapters need, by name."""
    table: list[tuple[str, str, str]] = field(default_factory=list)
    """Rows of the closing table: number, what, where or what came out."""

    def seed(self, *path: str) -> str:
        """A value of the seed's JSON."""
        value: object = self.service.seed
        for name in path:
            value = value[name] if isinstance(value, dict) else None
        if not isinstance(value, str):
            raise DemoFailed(f"the seed has no {'.'.join(path)}")
        return value

    def acting(self, role: str, *, person: str | None = None, org: str | None = None) -> Client:
        """The client of ``role``; the same person and place give the same client."""
        key = f"{role}/{person}/{org}"
        if key not in self.clients:
            token = self.service.token(role, person=person, org=org)
            self.clients[key] = Client(url=self.service.url, name=role, token=token)
        return self.clients[key]

    @property
    def public(self) -> Client:
        """Somebody without login."""
        return Client(url=self.service.url, name="public")

    def keep(self, name: str, content: bytes) -> Path:
        """Write an artefact into the output folder."""
        path = self.output / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def tell(self, line: str) -> None:
        """One line per step."""
        print(f"  ✓ {line}", flush=True)

    def chapter(self, number: int, title: str) -> None:
        """The heading of a chapter."""
        print(f"\n{number}. {title}", flush=True)

    def insist(self, claim: str, truth: object) -> None:
        """Stop unless ``truth`` holds."""
        if not truth:
            raise DemoFailed(f"not so: {claim}")
