"""A step: a node in a run. Slots objects on the hot path; pydantic and networkx stay at the door."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from graphflow.values.digest import digest
from graphflow.values.types import Type

if TYPE_CHECKING:
    from graphflow.engine.errors import StepError
    from graphflow.engine.kinds import Known
    from graphflow.nodetype.expansion import Follow

# What a step does when all that it waits for is named.
CALL = 0  # runs a node's function, or finds its trace
GATHER = 1  # names its outputs from other steps' outputs: a list from its elements, an alias
MAP = 2  # becomes one CALL for each element of a list, and a GATHER
EXPAND = 3  # becomes the steps of an expansion, and a GATHER
CONST = 4  # a value that was given from Python
SINK = 5  # wants values: targets that are returned, files that are saved

# Where a step is. NAMED and above are final.
WAITING, WORKING, NAMED, FAILED, SKIPPED = 0, 1, 2, 3, 4


NOTHING = digest(None)


class Source(NamedTuple):
    """An output of a step, or one element of an output that is a list."""

    step: Step
    out: int
    elem: int = -1


class Feed:
    """What drives one parameter of a step.

    want: The type that the parameter declares. low, high: A param's range. param: Whether it stands after the star.
    """

    __slots__ = ("high", "lazy", "low", "mapped", "name", "param", "prefix", "source", "want")

    def __init__(
        self,
        name: str,
        prefix: bytes,
        source: Source,
        want: Type,
        param: bool = False,
        lazy: bool = False,
        mapped: bool = False,
        low: float | None = None,
        high: float | None = None,
    ) -> None:
        self.name = name
        self.prefix = prefix
        self.source = source
        self.want = want
        self.param = param
        self.lazy = lazy
        self.mapped = mapped
        self.low = low
        self.high = high


class Item(NamedTuple):
    """One entry of a gathered output; `splice` puts a list's elements in its place."""

    source: Source
    splice: bool = False


class Gathered:
    """One output of a GATHER: an alias of one source, or a list of items of which failed ones may be left out."""

    __slots__ = ("alias", "items", "skip_failed")

    def __init__(self, items: list[Item] | None = None, alias: Source | None = None, skip_failed: bool = False) -> None:
        self.items = items
        self.alias = alias
        self.skip_failed = skip_failed


class Artifact(NamedTuple):
    """A file that a step's key depends on, as its stat was when the key was made."""

    param: str
    path: str
    stat: bytes


class Step:
    """One step of a run: what it is, and where it stands.

    A plain class whose defaults stand on the class, not slots: most steps of a large graph keep most of the defaults,
    and setting forty slots would cost more than all the rest of planning.
    """

    # What it is.
    types: tuple[Type, ...] = ()
    visible = True  # told in events; conversions and gathers are not
    literals: dict[str, Any] = {}
    texts: dict[str, Any] | None = None  # paths of file params, resolved when the key is made
    parts: list[tuple[bytes, bytes]] = []  # the literals' part of the key
    file_parts: list[tuple[bytes, bytes]] = []
    gathered: list[Gathered] = []
    subgraphs: dict[str, Any] = {}
    follow: Follow | None = None
    artifacts: list[Artifact] = []
    rank = 0.0
    impure = False
    tolerates = False  # goes on when a source failed
    target = False  # its value is asked for at the end: worth keeping
    # Where it stands.
    state = WAITING
    demanded = False
    needs_done = False
    spread = False  # a MAP or EXPAND that has become its steps
    unresolved = 0
    digests: list[bytes] = []
    elements: dict[int, list[bytes]] | None = None
    leafs: dict[int, list[Source]] | None = None  # of a gathered list: where each element comes from
    key: bytes | None = None
    cached = False
    seconds = 0.0
    rebuild = 0.0
    size = 0
    durable = False
    cause = ""
    error: StepError | None = None
    blame: Step | None = None  # the step that failed, for one that was skipped
    retried = False  # ran again since a file changed while it was read
    fingerprint: tuple[dict[str, Any], bytes] | None = None  # what the satellite was given, and told
    # Bytes: what it was handed, who waits for what it gives, how many values it still waits for.
    held: dict[bytes, Any] | None = None
    readers: list[Step] | None = None
    asked = 0
    reads: list[tuple[Step, bytes]] = []

    def __init__(self, index: int, path: str, kind: int, outputs: tuple[str, ...], known: Known | None = None) -> None:
        self.index = index
        self.path = path
        self.kind = kind
        self.known = known
        self.outputs = outputs
        self.feeds: list[Feed] = []
        self.consumers: list[Step] = []

    def __repr__(self) -> str:
        return f"<step {self.path}>"

    @property
    def final(self) -> bool:
        return self.state >= NAMED

    @property
    def top(self) -> str:
        """The id of the node of the document's own level that this step belongs to."""
        return self.path.split("/", 1)[0].split("[", 1)[0]


def sources_of(step: Step) -> Iterator[Source]:
    """What a step must have names of before it goes on; lazy inputs wait for `needs`."""
    if step.kind == GATHER:
        for gathered in step.gathered:
            if gathered.alias is not None:
                yield gathered.alias
            for item in gathered.items or ():
                yield item.source
        return
    for feed in step.feeds:
        if not feed.lazy or feed.mapped or step.known is None or step.known.spec.needs is None:
            yield feed.source


def rank(steps: Sequence[Step]) -> None:
    """The longest path to a target goes first: each step's cost and that of what needs it, in seconds."""
    for step in reversed(steps):
        known = step.known
        cost = step.rank + (known.cost if known is not None and known.cost is not None else 0.001)
        step.rank = cost
        for feed in step.feeds:
            above = feed.source.step
            if above.rank < cost:
                above.rank = cost
        if step.kind == GATHER:
            for source in sources_of(step):
                source.step.rank = max(source.step.rank, cost)


def is_list(source: Source) -> bool:
    """Whether a source is a list whose elements are values of their own."""
    if source.elem >= 0:
        return False
    kind = source.step.types[source.out].without_none
    return kind.is_list and not (source.step.digests and source.step.digests[source.out] == NOTHING)


def feed_named(step: Step, name: str) -> Feed | None:
    """What drives a parameter, if a link does."""
    return next((feed for feed in step.feeds if feed.name == name), None)
