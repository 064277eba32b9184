"""Copies what our pages use out of `node_modules` into the git-ignored `static/vendor`.

    npm ci && python -m api.ui.assets

Each file must have the SHA-384 that `vendor.json` records, so that another version of a package, or a changed one,
stops here and not in a citizen's browser. `python -m api.ui.assets --record` writes the list after a wanted update.

Knows the packages' layout. Must not know pages.
"""

import base64
import hashlib
import json
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

HERE = Path(__file__).parent
NODE_MODULES = HERE.parents[1] / "node_modules"
VENDOR = HERE / "static" / "vendor"
RECORD = HERE / "vendor.json"
_FAMILY = '"Be Vietnam Pro",system-ui,sans-serif'
_CUTS = ("400", "700")
_SUBSETS = ("latin", "vietnamese")


class AssetMismatch(Exception):
    """A file is not the one that was recorded, or still holds what must not be shipped."""

    code = "ASSET_MISMATCH"


def _as_it_is(content: bytes) -> bytes:
    return content


def _without_source_map(content: bytes) -> bytes:
    """Drop the pointer to a map that we do not ship: it would be a 404 for everyone who opens the tools."""
    return re.sub(rb"\n?(/\*|//)# sourceMappingURL=\S+( \*/)?\s*$", b"\n", content)


def _rebranded(content: bytes) -> bytes:
    """GOV.UK's styles without what belongs to its government: the crest and the GDS Transport typeface.

    Raises:
        AssetMismatch: a trace of either is left, or an address that would be fetched.
    """
    css = _without_source_map(content).decode()
    css = re.sub(r"@font-face\{[^}]*\}", "", css)
    css = re.sub(r"\.govuk-footer__copyright-logo:before\{[^}]*\}", "", css)
    css = css.replace("GDS Transport,arial,sans-serif", _FAMILY)
    left = re.search(r"url\(|GDS|crest", css)
    if left is not None:
        raise AssetMismatch(f"govuk-frontend.min.css still holds {left[0]!r}")
    return css.encode()


def _font_faces() -> bytes:
    """The @font-face rules of the cuts and subsets that we copy, with the package's own unicode ranges."""
    faces = []
    for cut in _CUTS:
        css = (NODE_MODULES / "@fontsource/be-vietnam-pro" / f"{cut}.css").read_text()
        for subset in _SUBSETS:
            unicode_range = re.search(rf"pro-{subset}-{cut}-normal \*/.*?unicode-range: ([^;]+);", css, re.DOTALL)
            if unicode_range is None:
                raise AssetMismatch(f"be-vietnam-pro/{cut}.css has no range for {subset}")
            faces.append(
                '@font-face{font-family:"Be Vietnam Pro";font-style:normal;font-display:swap;'
                f"font-weight:{cut};src:url(be-vietnam-pro-{subset}-{cut}.woff2) format('woff2');"
                f"unicode-range:{unicode_range[1]}}}\n"
            )
    return "".join(faces).encode()


_COPIES: Mapping[str, tuple[str, Callable[[bytes], bytes]]] = {
    "govuk.css": ("govuk-frontend/dist/govuk/govuk-frontend.min.css", _rebranded),
    "htmx.js": ("htmx.org/dist/htmx.min.js", _without_source_map),
    "swagger-ui.css": ("swagger-ui-dist/swagger-ui.css", _without_source_map),
    "swagger-ui.js": ("swagger-ui-dist/swagger-ui-bundle.js", _without_source_map),
    "licences/be-vietnam-pro.txt": ("@fontsource/be-vietnam-pro/LICENSE", _as_it_is),
    "licences/htmx.txt": ("htmx.org/LICENSE", _as_it_is),
    "licences/swagger-ui.txt": ("swagger-ui-dist/LICENSE", _as_it_is),
    **{
        f"be-vietnam-pro-{subset}-{cut}.woff2": (
            f"@fontsource/be-vietnam-pro/files/be-vietnam-pro-{subset}-{cut}-normal.woff2",
            _as_it_is,
        )
        for subset in _SUBSETS
        for cut in _CUTS
    },
}
"""Ours → theirs and what is done to it. GOV.UK Frontend ships its licence (MIT) only as a field of package.json."""


def build() -> dict[str, bytes]:
    """Make every vendored file in memory.

    Raises:
        FileNotFoundError: `npm ci` has not run.
        AssetMismatch: a package has another shape than we know.
    """
    files = {name: change((NODE_MODULES / source).read_bytes()) for name, (source, change) in _COPIES.items()}
    files["fonts.css"] = _font_faces()
    return files


def sha384(content: bytes) -> str:
    """The hash in the form of subresource integrity."""
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


def recorded() -> dict[str, str]:
    """File name → SHA-384 as `vendor.json` has it."""
    listed: dict[str, str] = json.loads(RECORD.read_text())
    return listed


def check(files: Mapping[str, bytes]) -> None:
    """Compare with the record.

    Raises:
        AssetMismatch: a file is missing, new or different.
    """
    made = {name: sha384(content) for name, content in files.items()}
    wrong = sorted(name for name in made.keys() | recorded().keys() if made.get(name) != recorded().get(name))
    if wrong:
        raise AssetMismatch(f"not as recorded in vendor.json: {', '.join(wrong)}")


def install(files: Mapping[str, bytes], target: Path = VENDOR) -> tuple[str, ...]:
    """Write the files that are missing or different, remove what is not ours any more; give what was written."""
    written = []
    for name, content in files.items():
        path = target / name
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            new = path.with_name(path.name + ".new")
            new.write_bytes(content)
            new.replace(path)
            written.append(name)
    for path in target.rglob("*"):
        if path.is_file() and str(path.relative_to(target)) not in files:
            path.unlink()
    return tuple(written)


def main(arguments: list[str]) -> None:
    """Make, check and install; with --record write the list instead of checking it."""
    try:
        files = build()
        if arguments == ["--record"]:
            listed = {name: sha384(content) for name, content in sorted(files.items())}
            RECORD.write_text(json.dumps(listed, indent=2) + "\n")
        check(files)
    except FileNotFoundError as err:
        sys.exit(f"{err.filename} is missing: run `npm ci` first")
    except AssetMismatch as err:
        sys.exit(str(err))
    for name in install(files):
        sys.stderr.write(f"made static/vendor/{name}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
