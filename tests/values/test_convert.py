"""Conversions between the shared kinds, and what hostile drawings are refused."""

from __future__ import annotations

import base64
import io
import json
import math
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pil

from graphflow import Clip, File, Image, Mask, Plot, Svg, Table
from graphflow.nodetype.builtin import BUILTIN
from graphflow.values import convert, drawing

NS = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
BARS: dict[str, Any] = {
    "data": {"values": [{"a": "A", "b": 28}, {"a": "B", "b": 55}]},
    "mark": "bar",
    "encoding": {"x": {"field": "a"}, "y": {"field": "b", "type": "quantitative"}},
}


def svg(inner: str, attributes: str = 'width="8" height="8"') -> Svg:
    return Svg(f"<svg {NS} {attributes}>{inner}</svg>")


def pixels(drawn: Svg) -> torch.Tensor:
    return convert.svg_to_image(drawn).pixels


@pytest.fixture
def red(tmp_path: Path) -> Path:
    path = tmp_path / "red.png"
    Pil.new("RGB", (8, 8), (255, 0, 0)).save(path)
    return path


@pytest.fixture
def listener() -> Iterator[tuple[int, list[object]]]:
    """A port, and what has called at it."""
    calls: list[object] = []
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.05)
    stop = threading.Event()

    def listen() -> None:
        while not stop.is_set():
            try:
                connection, address = server.accept()
            except TimeoutError:
                continue
            calls.append(address)
            connection.close()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    yield server.getsockname()[1], calls
    stop.set()
    thread.join()
    server.close()


def test_every_conversion_is_a_node_type_with_one_input() -> None:
    types = {made.type for made in BUILTIN}
    assert {"convert.mask_to_image", "convert.whole_to_number", "convert.plot_to_image"} <= types
    assert all(made.spec.conversion and len(made.spec.inputs) == 1 for made in BUILTIN)


def test_no_two_conversions_join_the_same_kinds() -> None:
    ends = [(made.spec.inputs[0].type, made.spec.outputs[0].type) for made in BUILTIN]
    assert len(ends) == len(set(ends))


def test_a_mask_is_a_grey_picture_of_the_same_numbers() -> None:
    mask = Mask(torch.rand(2, 1, 3, 4))
    assert torch.equal(convert.mask_to_image(mask).pixels, mask.pixels)


def test_a_clip_is_a_batch_of_its_frames() -> None:
    clip = Clip(torch.rand(3, 3, 4, 4), 24)
    image = convert.clip_to_image(clip)
    assert isinstance(image, Image)
    assert torch.equal(image.pixels, clip.frames)


@pytest.mark.parametrize(
    "number, text",
    [
        (3.0, "3"), (-2.5, "-2.5"), (0.1, "0.1"), (0.0, "0"), (-0.0, "0"), (100.0, "100"), (1e20, "1" + "0" * 20),
        (1e21, "1e+21"), (1.5e300, "1.5e+300"), (1e-6, "0.000001"), (1.5e-7, "1.5e-7"), (5e-324, "5e-324"),
        (123456789.125, "123456789.125"), (1 / 3, "0.3333333333333333"), (math.nan, "NaN"), (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
    ],
)  # fmt: skip
def test_a_number_is_written_in_its_shortest_form(number: float, text: str) -> None:
    assert convert.number_to_text(number) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_reads_back_from_its_text(number: float) -> None:
    assert float(convert.number_to_text(number)) == number


@given(st.integers(-(2**53), 2**53))
def test_a_whole_and_the_number_it_becomes_are_written_alike(whole: int) -> None:
    number = convert.whole_to_number(whole)
    assert type(number) is float
    assert convert.number_to_text(number) == convert.whole_to_text(whole)


def test_immense_wholes_are_refused() -> None:
    with pytest.raises(ValueError, match="too large to be a number"):
        convert.whole_to_number(10**400)
    with pytest.raises(ValueError, match="thousands of digits"):
        convert.whole_to_text(10**5000)


def test_booleans_are_written_as_in_json() -> None:
    assert [convert.boolean_to_text(value) for value in (True, False)] == ["true", "false"]


@pytest.mark.parametrize(
    "value, text",
    [({"b": [1, None], "a": "é"}, '{"a":"é","b":[1,null]}'), ("plain", "plain"), (1, "1"), (None, "null"), ([], "[]")],
)
def test_json_is_written_compactly_and_a_text_as_it_is(value: Any, text: str) -> None:
    assert convert.json_to_text(value) == text


def test_the_order_of_keys_does_not_show_in_the_text() -> None:
    assert convert.json_to_text({"a": 1, "b": 2}) == convert.json_to_text({"b": 2, "a": 1})


def test_nan_is_no_json() -> None:
    with pytest.raises(ValueError, match="no NaN"):
        convert.json_to_text([math.nan])


def test_a_table_becomes_rows_and_rows_a_table() -> None:
    table = Table({"a": (1, 2), "b": ("x", None)})
    rows = convert.table_to_json(table)
    assert rows == [{"a": 1, "b": "x"}, {"a": 2, "b": None}]
    assert convert.json_to_table(rows) == table


def test_columns_become_a_table_in_alphabetical_order() -> None:
    made = convert.json_to_table({"b": [1], "a": [2]})
    assert list(made.columns.items()) == [("a", (2,)), ("b", (1,))]


def test_an_empty_list_is_an_empty_table() -> None:
    assert len(convert.json_to_table([])) == 0


@pytest.mark.parametrize("value", [1, "a", None, [1], {"a": 1}, [{"a": 1}, 2]])
def test_other_json_is_no_table(value: Any) -> None:
    with pytest.raises(ValueError, match="list of objects"):
        convert.json_to_table(value)


def test_a_table_of_pictures_is_no_json() -> None:
    with pytest.raises(ValueError, match="Row 2 of the column 'a' holds a value of kind image"):
        convert.table_to_json(Table({"a": (1, Image(torch.zeros(1, 1, 1, 1)))}))


def test_a_file_is_read_as_utf8_without_its_mark() -> None:
    assert convert.file_to_text(File.of_bytes("a", b"\xef\xbb\xbfh\xc3\xa9")) == "hé"


def test_a_file_that_is_no_text_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"a\.png is no UTF-8 text: byte 0"):
        convert.file_to_text(File.of_bytes("a.png", b"\x89PNG"))


def test_a_drawing_gives_its_source() -> None:
    assert convert.svg_to_text(Svg("<svg/>")) == "<svg/>"


# -- drawings ----------------------------------------------------------------------------------------------------------


def test_a_drawing_is_drawn_with_straight_alpha() -> None:
    drawn = pixels(svg('<rect width="4" height="8" fill="#ff8000" fill-opacity="0.25"/>'))
    assert drawn.shape == (1, 4, 8, 8)
    assert drawn.dtype == torch.float32
    assert drawn[0, :, 4, 2].tolist() == pytest.approx([1.0, 128 / 255, 0.0, 64 / 255], abs=0.01)
    assert drawn[0, :, 4, 6].tolist() == [0, 0, 0, 0]


def test_an_opaque_drawing_has_exactly_its_colours() -> None:
    drawn = pixels(svg('<rect width="8" height="8" fill="#1f6cb0"/>'))
    assert (drawn[0, :, 3, 3] * 255).round().tolist() == [0x1F, 0x6C, 0xB0, 255]


@pytest.mark.parametrize(
    "attributes, size",
    [
        ('width="12" height="7"', (12, 7)),
        ('width="12.2" height="7"', (13, 7)),
        ('width="1in" height="2.54cm"', (96, 96)),
        ('viewBox="0 0 30 20"', (30, 20)),
        ('viewBox="5,5,30,20" width="60"', (60, 40)),
        ('viewBox="0 0 30 20" height="10"', (15, 10)),
        ('viewBox="0 0 30 20" width="100%" height="100%"', (30, 20)),
        ("", (300, 150)),
    ],
)
def test_a_drawing_has_its_own_size(attributes: str, size: tuple[int, int]) -> None:
    image = convert.svg_to_image(svg("", attributes))
    assert (image.width, image.height) == size


def test_a_view_box_scales_what_is_drawn() -> None:
    drawn = pixels(svg('<rect width="1" height="2" fill="red"/>', 'width="8" height="8" viewBox="0 0 2 2"'))
    assert drawn[0, 3, 4].tolist() == [1, 1, 1, 1, 0, 0, 0, 0]


def test_a_picture_inside_the_drawing_is_drawn(red: Path) -> None:
    data = base64.b64encode(red.read_bytes()).decode()
    drawn = pixels(svg(f'<image width="8" height="8" href="data:image/png;base64,{data}"/>'))
    assert drawn[0, :, 4, 4].tolist() == [1, 0, 0, 1]


@pytest.mark.parametrize("attribute", ["href", "xlink:href"])
@pytest.mark.parametrize("prefix", ["", "file://"])
def test_a_file_that_a_drawing_names_is_not_read(red: Path, attribute: str, prefix: str) -> None:
    assert pixels(svg(f'<image width="8" height="8" {attribute}="{prefix}{red}"/>')).max() == 0


def test_nothing_that_a_drawing_names_is_fetched(listener: tuple[int, list[object]]) -> None:
    port, calls = listener
    there = f"http://127.0.0.1:{port}/x"
    nested = base64.b64encode(f'<svg {NS}><image href="{there}" width="8" height="8"/></svg>'.encode()).decode()
    pixels(
        svg(
            f'<style>@import url("{there}.css"); @font-face {{ font-family: f; src: url("{there}.ttf") }}</style>'
            f'<image href="{there}.png" width="8" height="8"/><image xlink:href=" {there}.png" width="8" height="8"/>'
            f'<image href="data:image/svg+xml;base64,{nested}" width="8" height="8"/><use href="{there}.svg#a"/>'
            f'<filter id="f"><feImage href="{there}.png"/></filter>'
            f'<rect filter="url(#f)" fill="url({there}#g)" width="8" height="8"/><text font-family="f">a</text>'
        )
    )
    assert calls == []


def test_links_to_other_places_leave_the_source_and_inner_ones_stay() -> None:
    cleaned = drawing.self_contained(f'<svg {NS}><use href="#a"/><use xlink:href="b.svg"/><a HREF="http://c"/></svg>')
    assert '"#a"' in cleaned
    assert "b.svg" not in cleaned
    assert "http://c" not in cleaned


LOL = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefg", "bcdefgh", strict=True))


@pytest.mark.parametrize(
    "source, told",
    [
        (f'<!DOCTYPE svg [<!ENTITY a "x">{LOL}]><svg {NS}><text>&h;</text></svg>', "declares entities"),
        (f'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg {NS}><text>&a;</text></svg>', "entities"),
        (f'<svg {NS} width="1000000" height="1000000"/>', "at most 16384 a side"),
        (f'<svg {NS} width="16000" height="16000"/>', "64 million"),
        (f'<svg {NS} viewBox="0 0 900000000 1"/>', "at most 16384"),
        (f'<svg {NS} width="0" height="5"/>', "has no size"),
        (f"<svg {NS}>{'<g>' * 1000}{'</g>' * 1000}</svg>", "more than 200 deep"),
        ("", "cannot be read"),
        ("hello", "cannot be read"),
        ("<svg", "cannot be read"),
        ("<html/>", "is no SVG"),
        ("\ud800", "cannot be read"),
        ("<svg>" + " " * (16 << 20) + "</svg>", "at most 16 MiB"),
    ],
)
def test_a_hostile_or_broken_drawing_is_refused(source: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        convert.svg_to_image(Svg(source))


def test_a_drawing_that_multiplies_itself_is_refused() -> None:
    uses = "".join(f'<g id="a{i}">' + f'<use href="#a{i - 1}"/>' * 10 + "</g>" for i in range(1, 9))
    with pytest.raises(ValueError, match="could not be drawn"):
        convert.svg_to_image(svg(f'<g id="a0"><rect width="1" height="1"/></g>{uses}'))


# -- charts ------------------------------------------------------------------------------------------------------------


def test_a_chart_becomes_a_drawing_and_a_picture_on_white() -> None:
    plot = Plot(BARS)
    source = convert.plot_to_svg(plot).source
    image = convert.plot_to_image(plot)
    assert source.startswith("<svg")
    assert f'width="{image.width}"' in source
    assert image.channels == 3
    assert image.pixels[0, :, 1, 1].tolist() == [1, 1, 1]
    assert (image.pixels < 0.9).any()


def test_the_same_chart_is_drawn_the_same_twice() -> None:
    assert convert.plot_to_svg(Plot(BARS)) == convert.plot_to_svg(Plot(json.loads(json.dumps(BARS))))


@pytest.mark.parametrize(
    "spec",
    [
        {**BARS, "data": {"url": "http://a.test/d.csv"}},
        {**BARS, "data": {"url": "file:///etc/passwd"}},
        {"layer": [{"data": {"url": "d.csv"}, "mark": "bar"}]},
        {**BARS, "transform": [{"lookup": "a", "from": {"data": {"url": "d.csv"}, "key": "a", "fields": ["b"]}}]},
    ],
)
def test_a_chart_with_outside_data_is_refused(spec: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="holds its data inline"):
        convert.plot_to_svg(Plot(spec))


def test_pictures_that_a_chart_names_are_neither_read_nor_fetched(
    red: Path, listener: tuple[int, list[object]]
) -> None:
    port, calls = listener
    rows = [{"u": str(red)}, {"u": f"file://{red}"}, {"u": f"http://127.0.0.1:{port}/a.png"}]
    plot = Plot({"data": {"values": rows}, "mark": {"type": "image", "width": 20, "height": 20},
                 "encoding": {"url": {"field": "u"}}})  # fmt: skip
    image = convert.plot_to_image(plot)
    assert not ((image.pixels[:, 0] > 0.9) & (image.pixels[:, 1] < 0.1)).any()
    assert calls == []
    assert "href" not in convert.plot_to_svg(plot).source


def test_what_is_no_chart_is_told_with_the_renderers_reason() -> None:
    with pytest.raises(ValueError, match=r"The plot could not be drawn: .+") as caught:
        convert.plot_to_svg(Plot({"mark": "nonsense"}))
    assert "\n" not in str(caught.value)


def test_the_renderer_gets_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, str] = {}

    def run(*_: Any, env: dict[str, str], **__: Any) -> Any:
        given.update(env)
        raise OSError("stop here")

    monkeypatch.setenv("GRAPHFLOW_SECRET_HUB", "hunter2")
    monkeypatch.setattr(drawing.subprocess, "run", run)
    with pytest.raises(OSError, match="stop here"):
        convert.plot_to_svg(Plot(BARS))
    assert "hunter2" not in given.values()
    assert "PATH" in given


def test_the_picture_is_what_the_drawing_library_gives_for_opaque_shapes() -> None:
    import vl_convert

    shape = svg('<circle cx="16" cy="16" r="9" fill="#c04020"/><rect width="32" height="6" fill="#204080"/>',
                'width="32" height="32"')  # fmt: skip
    opaque = svg(f'<rect width="32" height="32" fill="white"/>{shape.source}', 'width="32" height="32"')
    plain = Pil.open(io.BytesIO(vl_convert.svg_to_png(opaque.source, 1.0, 72))).convert("RGB")
    expected = torch.frombuffer(bytearray(plain.tobytes()), dtype=torch.uint8).reshape(32, 32, 3)
    assert torch.equal((pixels(opaque)[0, :3] * 255).round().permute(1, 2, 0).to(torch.uint8), expected)
