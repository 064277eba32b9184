import json
import re
from pathlib import Path

import pytest

from api.ui import assets

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return assets.build()


def test_the_lock_names_no_host_to_download_from() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    assert all("resolved" not in package for package in lock["packages"].values())
    assert "registry" not in (ROOT / "package-lock.json").read_text()


def test_every_locked_package_has_a_strong_hash() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())


def test_no_package_may_run_code_at_installation() -> None:
    assert "ignore-scripts=true" in (ROOT / ".npmrc").read_text().splitlines()


def test_what_is_built_is_what_was_recorded(files: dict[str, bytes]) -> None:
    assets.check(files)
    assert {name: assets.sha384(content) for name, content in files.items()} == assets.recorded()


def test_what_is_served_is_what_was_recorded() -> None:
    served = {
        str(path.relative_to(assets.VENDOR)): assets.sha384(path.read_bytes())
        for path in assets.VENDOR.rglob("*")
        if path.is_file()
    }
    assert served == assets.recorded()


def test_crest_and_typeface_of_another_government_are_gone(files: dict[str, bytes]) -> None:
    css = files["govuk.css"].decode()
    assert not re.search(r"crest|GDS|url\(|@font-face|sourceMappingURL", css)
    assert '"Be Vietnam Pro"' in css
    assert "govuk-error-summary" in css


def test_the_font_faces_cover_vietnamese_and_name_only_files_of_ours(files: dict[str, bytes]) -> None:
    css = files["fonts.css"].decode()
    assert "U+1EA0-1EF9" in css
    assert set(re.findall(r"url\(([^)]+)\)", css)) == {name for name in files if name.endswith(".woff2")}


def test_no_script_or_style_points_to_a_source_map(files: dict[str, bytes]) -> None:
    for name, content in files.items():
        assert b"# sourceMappingURL=" not in content[-200:], name


def test_the_licence_of_each_copied_package_goes_with_it(files: dict[str, bytes]) -> None:
    assert b"SIL OPEN FONT LICENSE" in files["licences/be-vietnam-pro.txt"].upper()
    assert len([name for name in files if name.startswith("licences/")]) == 3


@pytest.mark.parametrize("change", ["different", "missing", "new"])
def test_a_file_that_is_not_as_recorded_stops_the_set_up(files: dict[str, bytes], change: str) -> None:
    changed = dict(files)
    if change == "missing":
        del changed["htmx.js"]
    else:
        changed["htmx.js" if change == "different" else "extra.js"] = b"alert(1)"
    with pytest.raises(assets.AssetMismatch) as caught:
        assets.check(changed)
    assert caught.value.code == "ASSET_MISMATCH"
    assert ("extra.js" if change == "new" else "htmx.js") in str(caught.value)


def test_styles_with_a_trace_of_the_crest_are_refused() -> None:
    with pytest.raises(assets.AssetMismatch):
        assets._rebranded(b".x{background:url(/assets/images/govuk-crest.svg)}")


def test_installing_twice_writes_nothing_and_removes_strangers(files: dict[str, bytes], tmp_path: Path) -> None:
    assert set(assets.install(files, tmp_path)) == set(files)
    (tmp_path / "stranger.js").write_text("x")
    (tmp_path / "htmx.js").write_text("changed")
    assert assets.install(files, tmp_path) == ("htmx.js",)
    assert not (tmp_path / "stranger.js").exists()
    assert assets.install(files, tmp_path) == ()


def test_a_missing_npm_installation_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(assets, "NODE_MODULES", tmp_path)
    with pytest.raises(SystemExit) as caught:
        assets.main([])
    assert "npm ci" in str(caught.value)


def test_a_package_of_another_shape_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    font = tmp_path / "@fontsource" / "be-vietnam-pro"
    font.mkdir(parents=True)
    (font / "400.css").write_text("/* nothing */")
    monkeypatch.setattr(assets, "NODE_MODULES", tmp_path)
    monkeypatch.setattr(assets, "_COPIES", {})
    with pytest.raises(SystemExit) as caught:
        assets.main([])
    assert "latin" in str(caught.value)


def test_recording_writes_the_list_and_installs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], files: dict[str, bytes]
) -> None:
    monkeypatch.setattr(assets, "RECORD", tmp_path / "vendor.json")
    monkeypatch.setattr(assets, "install", lambda made: tuple(made)[:1])
    assets.main(["--record"])
    assert set(json.loads((tmp_path / "vendor.json").read_text())) == set(files)
    assert "made static/vendor/" in capsys.readouterr().err
