"""What a type checker must refuse: each line that ends in `# error: RULE` and no other."""

from __future__ import annotations

from typing import Annotated, Literal

from graphflow import Context, Image, Lazy, Mask, Range, Seed, Svg, conversion, node


@node
def blur(image: Image, *, radius: Annotated[float, Range(0, 64, 0.5)] = 2.0, seed: Seed = 0) -> Image:
    """Blur."""
    return image


@node
def pick(yes: Lazy[Image], *, mode: Literal["line", "fill"] = "line") -> Image:
    """Pick."""
    return yes  # error: reportReturnType


@node
def cut(image: Image, mask: Mask | None = None) -> Image:
    """Cut."""
    return Image(mask.pixels)  # error: reportOptionalMemberAccess


@conversion
def trace(mask: Mask) -> Svg:
    """Trace."""
    return Svg("<svg/>")


def params(image: Image) -> None:
    blur(image, radius="x")  # error: reportArgumentType
    blur(image, radius=None)  # error: reportArgumentType
    blur(image, 6)  # error: reportCallIssue
    blur(image, radios=6)  # error: reportCallIssue
    blur(image, seed="one")  # error: reportArgumentType
    blur(radius=6)  # error: reportCallIssue
    pick(Lazy(image), mode="dots")  # error: reportArgumentType


def kinds(image: Image, mask: Mask) -> None:
    blur(mask)  # error: reportArgumentType
    pick(image)  # error: reportArgumentType
    pick(Lazy(mask))  # error: reportArgumentType
    trace(image)  # error: reportArgumentType
    cut(image, image)  # error: reportArgumentType
    made: Mask = blur(image)  # error: reportAssignmentType
    print(blur(image).pixel, made)  # error: reportAttributeAccessIssue
    image.pixels = mask.pixels  # error: reportAttributeAccessIssue


@node(version="2")  # error: reportArgumentType
def wrong_version(image: Image) -> Image:
    """Have a version that is text."""
    return image


@node(threads=4)  # error: reportArgumentType
def wrong_threads(image: Image) -> Image:
    """Ask for a number of threads."""
    return image


@node(cached=True)  # error: reportCallIssue
def wrong_option(image: Image) -> Image:
    """Have an option that there is not."""
    return image


@blur.need  # error: reportAttributeAccessIssue
def wrong_satellite(radius: float) -> list[str]:
    return []


@blur.needs()  # error: reportCallIssue
def satellite_called(radius: float) -> list[str]:
    return []


def surroundings(ctx: Context) -> None:
    ctx.progress("half", 1)  # error: reportArgumentType
    ctx.generator("seed")  # error: reportArgumentType
    ctx.say(1)  # error: reportArgumentType
    ctx.secret("token")  # error: reportArgumentType
