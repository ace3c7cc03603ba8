"""Drawing text: place, anchor, lines, colours, fonts."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image as Pil
from PIL import ImageDraw

from graphflow import Context, Image
from graphflow_nodes.image import _fonts
from graphflow_nodes.image._fonts import BUILT_IN, load_font, missing, system_fonts, wrapped
from graphflow_nodes.image.text import draw_text

BLACK = Image(torch.zeros(1, 3, 120, 240))


class Listening(Context):
    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)


def inked(image: Image) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is drawn on black."""
    rows, columns = torch.where(image.pixels[0].amax(0) > 0)
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def test_text_is_what_pillow_draws_with_its_font():
    made = draw_text(BLACK, text="Hxg", size=40, x=10, y=5)
    mask = Pil.new("L", (240, 120))
    font = load_font(BUILT_IN, 40)
    ImageDraw.Draw(mask).text((10, 5), "Hxg", fill=255, font=font)
    want = torch.tensor(list(mask.tobytes())).view(120, 240) / 255
    torch.testing.assert_close(made.pixels[0], want.expand(3, 120, 240))


@pytest.mark.parametrize(
    ("anchor", "place"), [("top left", (0, 0)), ("bottom right", (240, 120)), ("centre", (120, 60))]
)
def test_a_block_that_fits_is_never_cut_off(anchor, place):
    ctx = Listening()
    made = draw_text(BLACK, text="Agjp", size=48, x=place[0], y=place[1], anchor=anchor, ctx=ctx)
    assert ctx.said == []
    wide = inked(draw_text(Image(torch.zeros(1, 3, 300, 500)), text="Agjp", size=48, x=100, y=100))
    assert inked(made)[2] - inked(made)[0] == wide[2] - wide[0]
    assert inked(made)[3] - inked(made)[1] == wide[3] - wide[1]


def test_a_centred_block_stands_in_the_middle():
    left, _, right, _ = inked(draw_text(BLACK, text="HIIH", x=120, y=60, anchor="centre"))
    assert abs((left + right) / 2 - 120) <= 2


def test_a_share_of_the_picture_is_the_same_as_its_pixels():
    one = draw_text(BLACK, text="Share", size=30, x=60, y=30, wrap=120)
    other = draw_text(BLACK, text="Share", size=0.25, x=0.25, y=0.25, wrap=0.5, units="share")
    assert torch.equal(one.pixels, other.pixels)


def test_lines_are_aligned_within_their_block():
    made = {
        align: draw_text(BLACK, text="HHHHHH\nI", size=30, x=20, y=10, align=align)
        for align in ("left", "centre", "right")
    }
    lefts = [inked(Image(image.pixels[:, :, 55:]))[0] for image in made.values()]
    assert lefts[0] < lefts[1] < lefts[2]


def test_wrapping_breaks_between_words_and_then_within():
    measure = len
    assert wrapped("one two three", 7, measure) == ["one two", "three"]
    assert wrapped("abcdefgh ij", 3, measure) == ["abc", "def", "gh", "ij"]
    assert wrapped("a=1,b=2,c=3", 8, measure) == ["a=1,b=2,", "c=3"]
    assert wrapped("one\n\ntwo", 9, measure) == ["one", "", "two"]
    assert wrapped("no limit at all", 0, measure) == ["no limit at all"]
    assert wrapped("", 5, measure) == [""]
    assert wrapped("- a,, b", 3, measure) == ["-", "a,,", "b"]
    assert wrapped("abc", 0.5, measure) == ["a", "b", "c"]


def test_wrapped_text_keeps_within_its_width():
    left, _, right, _ = inked(draw_text(BLACK, text="several words that are long", size=20, x=10, y=0, wrap=100))
    assert left >= 10
    assert right <= 111


def test_spacing_moves_the_second_line():
    near, far = (inked(draw_text(BLACK, text="H\nH", size=20, x=5, y=5, spacing=s)) for s in (1, 2))
    step = sum(load_font(BUILT_IN, 20).getmetrics())
    assert far[3] - near[3] == step


def test_a_stroke_surrounds_the_letters_in_its_colour():
    made = draw_text(BLACK, text="I", size=60, x=50, y=20, color="#ff0000", stroke=4, stroke_color="#0000ff")
    plain = inked(draw_text(BLACK, text="I", size=60, x=50, y=20))
    around = inked(made)
    assert around[0] == plain[0] - 4
    assert around[2] == plain[2] + 4
    middle = made.pixels[0, :, (plain[1] + plain[3]) // 2, (plain[0] + plain[2]) // 2]
    assert middle.tolist() == [1, 0, 0]
    assert made.pixels[0, :, (plain[1] + plain[3]) // 2, plain[0] - 2].tolist() == [0, 0, 1]


def test_the_colours_alpha_counts():
    assert float(draw_text(BLACK, text="HHH", size=60, color="#ffffff80").pixels.max()) == pytest.approx(128 / 255)
    assert torch.equal(draw_text(BLACK, text="HHH", color="#ffffff00").pixels, BLACK.pixels)


def test_grey_stays_grey_for_grey_letters_and_alpha_grows_under_letters():
    grey = Image(torch.zeros(2, 1, 60, 80))
    assert draw_text(grey, text="H").pixels.shape == (2, 1, 60, 80)
    assert draw_text(grey, text="H", color="#ff0000").channels == 3
    clear = draw_text(Image(torch.zeros(1, 4, 80, 80)), text="H", size=60, x=5, y=0, color="#00ff00")
    assert float(clear.pixels[0, 3].max()) == 1
    assert float(clear.pixels[0, 3, -1, -1]) == 0
    assert clear.pixels[0, 1][clear.pixels[0, 3] > 0].unique().tolist() == pytest.approx([1], abs=1e-6)


def test_empty_text_changes_nothing():
    assert torch.equal(draw_text(BLACK, text="").pixels, BLACK.pixels)


def test_text_beyond_the_picture_and_letters_that_are_missing_are_told():
    ctx = Listening()
    draw_text(BLACK, text="far too long for such a picture", size=80, ctx=ctx)
    assert "cut off" in ctx.said[0]
    draw_text(BLACK, text="a\u6f22", ctx=ctx)
    assert "\u6f22" in ctx.said[1]


def test_the_built_in_font_has_all_of_ascii():
    assert missing(load_font(BUILT_IN, 20), "".join(map(chr, range(32, 127)))) == ""


def test_a_font_of_the_system_is_found_by_its_files_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "deep").mkdir()
    path = tmp_path / "deep" / "Mine-Bold.ttf"
    path.write_bytes(load_font(BUILT_IN, 10).font_bytes)
    monkeypatch.setattr(_fonts, "_folders", lambda: [tmp_path])
    assert system_fonts() == {"Mine-Bold": path}
    assert draw_text.choosers["font"]() == [BUILT_IN, "Mine-Bold"]
    assert torch.equal(draw_text(BLACK, text="Hi", font="Mine-Bold").pixels, draw_text(BLACK, text="Hi").pixels)


def test_a_changed_font_file_changes_the_fingerprint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(_fonts, "_folders", lambda: [tmp_path])
    fingerprint = draw_text.satellites["fingerprint"]
    seen = [fingerprint(BUILT_IN), fingerprint("Mine")]
    for content in (b"one", b"two"):
        (tmp_path / "Mine.ttf").write_bytes(content)
        seen.append(fingerprint("Mine"))
    assert len(set(seen)) == 4


def test_a_font_that_is_gone_is_told_with_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(_fonts, "_folders", lambda: [tmp_path / "nowhere"])
    with pytest.raises(ValueError, match=r"The font 'Gone' is not on this machine; .*Aileron"):
        draw_text(BLACK, font="Gone")


def test_a_font_file_that_is_no_font_is_told_with_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "Broken.ttf").write_bytes(b"no font")
    monkeypatch.setattr(_fonts, "_folders", lambda: [tmp_path])
    with pytest.raises(ValueError, match="The font 'Broken' cannot be read"):
        draw_text(BLACK, font="Broken")


def test_a_size_too_small_or_too_large_is_refused():
    with pytest.raises(ValueError, match="from 1 to 4096"):
        draw_text(BLACK, size=0.5)
    with pytest.raises(ValueError, match="from 1 to 4096"):
        draw_text(BLACK, size=100, units="share")


def test_a_line_that_would_need_a_giant_canvas_is_refused():
    with pytest.raises(ValueError, match="A line of 300 letters of 2000 pixels"):
        draw_text(BLACK, text="W" * 300, size=2000)


def test_a_long_word_is_wrapped_into_many_lines():
    made = draw_text(BLACK, text="x" * 3000, size=8, wrap=50)
    assert inked(made)[3] > 110
    assert inked(made)[2] <= 16 + 51


def test_an_endless_text_is_refused():
    with pytest.raises(ValueError, match="20001 characters"):
        draw_text(BLACK, text="x" * 20_001)
