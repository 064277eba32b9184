import sys
from io import BytesIO
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from api.rendering import fonts
from api.rendering.typeface import TYPEFACE_DIR

SOURCE = TYPEFACE_DIR / "Tinos-Regular.ttf"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("fonts")
    assert [path.name for path in fonts.make_mark_fonts(target)] == ["Tinos-Regular.ttf", "Tinos-Bold.ttf"]
    return target


def test_the_rescaled_font_has_a_thousand_units_and_the_same_proportions(made: Path) -> None:
    before, after = TTFont(SOURCE), TTFont(made / "Tinos-Regular.ttf")
    assert after["head"].unitsPerEm == 1000
    for letter in map(ord, "aệữĐ0"):
        old = before["hmtx"][before.getBestCmap()[letter]][0] / before["head"].unitsPerEm
        new = after["hmtx"][after.getBestCmap()[letter]][0] / 1000
        assert new == pytest.approx(old, abs=0.001)


def test_the_rescaled_font_keeps_every_letter_and_no_hints(made: Path) -> None:
    after = TTFont(made / "Tinos-Regular.ttf")
    assert after.getBestCmap() == TTFont(SOURCE).getBestCmap()
    assert not {"fpgm", "prep", "cvt "} & set(after.keys())


def test_making_the_fonts_twice_touches_nothing(made: Path) -> None:
    assert fonts.make_mark_fonts(made) == ()


def test_a_damaged_font_file_is_made_again(made: Path) -> None:
    whole = (made / "Tinos-Bold.ttf").read_bytes()
    (made / "Tinos-Bold.ttf").write_bytes(whole[:1000])
    assert [path.name for path in fonts.make_mark_fonts(made)] == ["Tinos-Bold.ttf"]
    assert TTFont(BytesIO((made / "Tinos-Bold.ttf").read_bytes()))["head"].unitsPerEm == 1000


def test_a_missing_debian_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(fonts, "TYPEFACE_DIR", tmp_path)
    with pytest.raises(SystemExit) as caught:
        fonts.main()
    assert "fonts-croscore" in str(caught.value)


def test_the_command_says_what_it_made(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(fonts, "make_mark_fonts", lambda: (fonts.MARK_FONTS / "Tinos-Regular.ttf",))
    monkeypatch.setattr(sys, "argv", ["fonts"])
    fonts.main()
    assert capsys.readouterr().err == "made api/ui/fonts/Tinos-Regular.ttf\n"
