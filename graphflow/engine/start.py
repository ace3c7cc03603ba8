"""Before a run: the document read and checked, its steps planned, its targets chosen, its files found."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from graphflow.engine.errors import FileMissing, InvalidDocument, NotPermitted, StepError
from graphflow.engine.events import Event
from graphflow.engine.files import Files
from graphflow.engine.paths import FileProblem, resolve_files
from graphflow.engine.plan import Builder, Plan, Wired, wire, wires
from graphflow.engine.run import Run
from graphflow.engine.saving import Delivery
from graphflow.engine.spread import add_sink
from graphflow.engine.step import Source, Step, sources_of
from graphflow.graph.build import Workflow
from graphflow.graph.check import check
from graphflow.graph.checked import Checked
from graphflow.graph.document import read_document, read_tree, write_document
from graphflow.graph.model import Document
from graphflow.graph.problem import DocumentError
from graphflow.graph.used import with_values
from graphflow.values.digest import content_digest, digest

if TYPE_CHECKING:
    from graphflow.engine.session import Session

Workflowish: TypeAlias = "str | Path | bytes | Document | Workflow | Mapping[str, Any]"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a session; see Session.submit for each."""

    workflow: Workflowish
    inputs: dict[str, Any] = field(default_factory=dict[str, Any])
    params: dict[str, Any] = field(default_factory=dict[str, Any])
    targets: tuple[str, ...] = ()
    allow: frozenset[str] = frozenset()
    out: Path | None = None
    saves: bool = False
    values: bool = True
    plain: bool = False
    trusted: frozenset[str] = frozenset()
    id: str = ""
    place: Path | None = None


def prepare(session: Session, request: Request, dry: bool = False) -> tuple[Run, list[Step]]:
    """A run that is ready to start, and the steps to demand. Raises InvalidDocument, NotPermitted, FileMissing."""
    refresh(session)
    document, place = read(request.workflow)
    place = place or request.place
    checked = check(
        document, session.types.catalogue, session.types,
        inputs=request.inputs, params=request.params, targets=request.targets, run=True,
    )  # fmt: skip
    if checked.problems:
        raise InvalidDocument(_many(checked), checked.problems)
    if not dry:
        _consent(checked, request.allow)
    builder = Builder(checked, session.types, session.known)
    plan = builder.build()
    run = Run(session, request.id, builder, lineage(document, place), dry)
    run.notices = _stale(session, builder)
    run.files = _files(session, request, place)
    run.delivery = _delivery(session, document, request)
    run.targets = targets(plan, document, request.targets)
    run.later = tuple(name for name in request.targets if "[" in name)
    run.saves_all = not request.targets and run.delivery.folder is not None
    _load_manifest(session, run)
    ends = _ends(run, request)
    _find_files(run, ends)
    return run, ends


def _stale(session: Session, builder: Builder) -> list[Event]:
    """Packs of the run whose edited code cannot be imported: what was imported before stays in use, and is told."""
    problems = session.types.catalogue.problems
    used = sorted({known.spec.pack for known in builder.known.values()} & problems.keys()) if problems else []
    return [Event("pack.stale", "", {"pack": pack, "message": problems[pack]}) for pack in used]


def refresh(session: Session) -> None:
    """Look whether packs were edited: their node types are worked out anew, values of lost kinds are let go."""
    if session.types.refresh():
        session.known.clear()
        session.processes.close()  # the warm ones still hold the old modules
        session.fetch.memory.drop_where(session.types.is_stale)


def read(workflow: Workflowish) -> tuple[Document, Path | None]:
    """A workflow in any form as a document, and the file that it was read from. Raises InvalidDocument, FileMissing."""
    try:
        if isinstance(workflow, Document):
            return workflow, None
        if isinstance(workflow, Workflow):
            return workflow.document, None
        if isinstance(workflow, bytes):
            return read_document(workflow), None
        if isinstance(workflow, Mapping):
            return read_tree(workflow), None
        return read_document(_read_file(Path(workflow))), Path(workflow)
    except DocumentError as error:
        raise InvalidDocument(str(error), error.problems) from None


def _read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        problem = StepError(
            "file.missing", f"The workflow {path} cannot be read: {error.strerror}.", hint="Check the path."
        )
        raise FileMissing(problem.message, [problem]) from None


def _many(checked: Checked) -> str:
    more = len(checked.problems) - 1
    return checked.problems[0].message + (f" (and {more} more)" if more else "")


def _consent(checked: Checked, allow: Iterable[str]) -> None:
    errors = [
        StepError(
            "grant.needed",
            f"{path} needs the grant {grant!r}, which was not given.",
            path,
            hint=f"If you trust this workflow, run it with --allow {grant}.",
        )
        for grant, paths in checked.grants.items()
        if grant not in allow
        for path in paths
    ]
    if errors:
        raise NotPermitted(errors[0].message, errors)


def _files(session: Session, request: Request, place: Path | None) -> Files:
    roots = [place.resolve().parent if place is not None else Path.cwd()]
    if session.home is not None:
        roots += [session.home / "inputs", session.home / "outputs"]
    return Files(session.fetch.ledger, [*roots, *session.roots], request.trusted, "files" in request.allow)


def _delivery(session: Session, document: Document, request: Request) -> Delivery:
    folder = request.out
    if folder is None and request.saves and session.home is not None:
        folder = session.home / "outputs" / time.strftime("%Y-%m-%d")
    if folder is None or request.plain:
        return Delivery(folder, request.out is not None)

    def used() -> str:
        # A file named by where it lies on this machine stands there by its name alone.
        inputs = {name: _nameless(value, request.trusted) for name, value in request.inputs.items()}
        params = {name: _nameless(value, request.trusted) for name, value in request.params.items()}
        return write_document(with_values(document, inputs, params)).decode()

    return Delivery(folder, request.out is not None, cache(used))


def _nameless(value: Any, trusted: frozenset[str]) -> Any:
    if isinstance(value, list):
        return [_nameless(item, trusted) for item in value]
    return Path(value).name if isinstance(value, str) and value in trusted else value


def lineage(document: Document, place: Path | None) -> bytes:
    """What names a document from one edit to the next: its file, else the ids and types of its nodes."""
    if place is not None:
        return digest(str(place.resolve()))
    return content_digest("\n".join(f"{name} {entry.type}" for name, entry in sorted(document.nodes.items())).encode())


# -- targets ----------------------------------------------------------------------------------------------------------


def targets(plan: Plan, document: Document, asked: Iterable[str]) -> dict[str, Wired]:
    """{name: what it is}: the ones asked for; else saving nodes, interface outputs, leaves."""
    found: dict[str, Wired] = {}
    for name in asked:
        path, _, output = name.rpartition(".")
        one = wire(plan.places[path], output) if path in plan.places else None
        if name in plan.exports and name not in plan.places:
            found[name] = plan.exports[name]
        elif one is not None:
            found[name] = one
        elif name in plan.places:
            found.update({f"{name}.{out}": wired for out, wired in wires(plan.places[name]).items()})
        elif "[" in name and (outer := name.split("[")[0]) in plan.places:
            # A step inside a loop: the loop is named, and the step becomes a target when it is made.
            found.update({f"{outer}.{out}": wired for out, wired in wires(plan.places[outer]).items()})
    if found or list(asked):
        return found
    found.update(plan.exports)
    used = {link for node in document.nodes.values() for link in _links(node.inputs)} | set(
        document.interface.outputs.values()
    )
    busy = {text.partition(".")[0] for text in used}
    for path, made in plan.places.items():
        saves = isinstance(made, Step) and made.known is not None and made.known.spec.saves
        if saves or (path not in busy and "/" not in path):
            found.update({f"{path}.{out}": wired for out, wired in wires(made).items()})
    return found


def _links(inputs: Mapping[str, str | list[str]]) -> Iterable[str]:
    for link in inputs.values():
        yield from [link] if isinstance(link, str) else link


def _ends(run: Run, request: Request) -> list[Step]:
    """What is demanded: a sink for each target whose value somebody wants, else the target's own step.

    One for each, so that one that fails does not take the others with it.
    """
    ends: list[Step] = []
    saved: set[Source] = set()
    for name, wired in run.targets.items():
        step = wired.source.step
        saver = step.known is not None and step.known.spec.saves and run.delivery.folder is not None
        if saver and wired.source not in saved:
            saved.add(wired.source)
            path = name.rpartition(".")[0] if name not in run.plan.exports else step.path
            ends.append(add_sink(run, path, wired.source, returned=False))
        if request.values and not run.dry:
            ends.append(add_sink(run, name, wired.source, returned=True))
        else:
            step.target = True
            ends.append(step)
    return ends


# -- order, manifest, files -------------------------------------------------------------------------------------------


def _load_manifest(session: Session, run: Run) -> None:
    manifest = session.fetch.ledger.manifest(run.document)
    if manifest is not None:
        run.manifest = dict(
            zip(manifest.keys, zip(manifest.outputs, manifest.rebuilds, strict=True), strict=True)  # type: ignore[arg-type]
        )


def _find_files(run: Run, ends: list[Step]) -> None:
    """Look for every file that a demanded step names before anything runs; all that is missing is told at once."""
    if not any(known.reads_files for known in run.builder.known.values()):
        return
    errors: list[StepError] = []
    seen: set[int] = set()
    stack = list(ends)
    while stack:
        step = stack.pop()
        if step.index in seen:
            continue
        seen.add(step.index)
        stack += [source.step for source in sources_of(step)]
        if step.texts and step.known is not None:
            try:
                resolve_files(run, step)
            except FileProblem as problem:
                code = "file.missing" if problem.missing else "file.refused"
                where = f"{step.path}.{problem.field}"
                errors.append(StepError(code, f"{where}: {problem}", step.path, problem.field, problem.hint))
    if errors:
        errors.sort(key=lambda error: error.node)
        kind = FileMissing if any(error.code == "file.missing" for error in errors) else NotPermitted
        raise kind(errors[0].message, errors)
