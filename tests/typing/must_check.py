"""What an author of nodes writes and a type checker must take."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NamedTuple, TypeVar, assert_type

from graphflow import (
    QUIET,
    Color,
    Context,
    Gpu,
    Image,
    Inputs,
    Isolate,
    Json,
    Lazy,
    Mask,
    Node,
    Outputs,
    Range,
    Seed,
    Svg,
    Widget,
    conversion,
    node,
)

T = TypeVar("T")


@node
def blur(image: Image, mask: Mask | None = None, *, radius: Annotated[float, Range(0, 64, 0.5)] = 2.0) -> Image:
    """Blur."""
    return image


@node(version=2, was="demo.old", gpu=Gpu(gb=8), threads="all", grants={"network"}, title="Draw")
def draw(
    *,
    mode: Literal["line", "fill"] = "line",
    color: Color = "#ffffff",
    seed: Seed = 0,
    curve: Annotated[Json, Widget("curve", {"lines": 2})] = None,
    ctx: Context = QUIET,
) -> Image:
    """Draw."""
    ctx.progress(1, 2, "half")
    raise NotImplementedError


class Parts(NamedTuple):
    color: Image
    alpha: Mask


@node
def part(image: Image) -> Parts:
    """Take apart."""
    raise NotImplementedError


@node
def either(yes: Lazy[Image], no: Lazy[Image], *, condition: bool = True) -> Image:
    """Choose."""
    return yes.value if condition else no.value


@either.needs
def _needs(condition: bool) -> list[str]:
    return ["yes" if condition else "no"]


@node
def fill(*, template: str, more: Inputs) -> Outputs:
    """Fill."""
    return Outputs({template: more[template]})


@fill.inputs
def _inputs(template: str) -> dict[str, str]:
    return {template: "text"}


@fill.outputs
def _outputs(template: str) -> dict[str, str]:
    return {template: "text"}


@node
def last(items: list[T]) -> T:
    """Give the last."""
    return items[-1]


@node(isolate=Isolate(gb=1, seconds=5))
def risky(*, text: str = "") -> str:
    """Risk it."""
    return text


@risky.choices("text")
def _choices() -> list[str]:
    return ["a"]


@node(pure=False)
async def fetch(*, url: str) -> bytes:
    """Fetch."""
    return url.encode()


@draw.migrate(1)
def _migrate(params: dict[str, Any], inputs: dict[str, Any]) -> None:
    params["mode"] = "line"


@conversion
def mask_to_svg(mask: Mask) -> Svg:
    """Trace."""
    raise NotImplementedError


async def calls(image: Image, mask: Mask) -> None:
    assert_type(blur(image), Image)
    assert_type(blur(image, mask, radius=6), Image)
    assert_type(part(image), Parts)
    assert_type(part(image).alpha, Mask)
    assert_type(either(Lazy(image), Lazy()), Image)
    assert_type(last([image]), Image)
    assert_type(last([1, 2]), int)
    assert_type(draw(mode="fill", seed=3), Image)
    assert_type(await fetch(url="x"), bytes)
    assert_type(mask_to_svg(mask), Svg)
    assert_type(_needs(True), list[str])
    assert_type(blur.type, str)
    assert_type(image.batch, int)
    nodes: list[Node[..., Any]] = [blur, draw, part, mask_to_svg]
    assert nodes
