"""Makes the catalogue: each distribution is imported once by a child process, and again only when its files change."""

from __future__ import annotations

import contextlib
import os
import sys
import sysconfig
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import msgspec

from graphflow.nodetype.catalogue import Catalogue
from graphflow.packs import child
from graphflow.packs.discover import Place, Source, Stamps, in_folder, installed
from graphflow.packs.loading import forget_bytecode
from graphflow.packs.scan import Scanned
from graphflow.values.digest import content_digest

RETRY = 3600.0  # seconds after which a pack that ended its process is tried again unchanged


class Stamp(msgspec.Struct, frozen=True):
    """What a record is valid for: the source and its files, and the Python and the graphflow that read them."""

    source: Source
    files: Stamps
    python: str
    own: Stamps


class Record(msgspec.Struct):
    """What one source declares.

    problems: {pack: how the child process ended} for packs that killed it. at: When it was made, in seconds. sites:
    When something was installed last: what failed may be there now.
    """

    stamp: Stamp
    packs: dict[str, Scanned]
    problems: dict[str, str]
    at: float
    sites: list[int]

    @property
    def is_whole(self) -> bool:
        return not self.problems and not any(scanned.problems for scanned in self.packs.values())


class Installed(msgspec.Struct, dict=True):
    """All that is known of all packs.

    catalogue: Merged. codes: Code digest of each type. libraries: LIBRARIES of each pack. makers: {kind: the module
    that registers it}. records: By source, in order.
    """

    records: dict[str, Record]
    found: dict[str, str]
    catalogue: Catalogue = msgspec.field(default_factory=Catalogue)
    codes: dict[str, bytes] = {}
    libraries: dict[str, list[str]] = {}
    makers: dict[str, str] = {}

    @property
    def home(self) -> dict[str, Place]:
        """The root modules that lie in the packs folder."""
        places: dict[str, Place] = {}
        for record in self.records.values():
            if record.stamp.source.home:
                places.update(record.stamp.source.roots)
        return places


# Records of this process, so that sessions without a data folder import nothing twice.
_made: dict[str, Record] = {}


def load(home: Path | None, before: Installed | None = None, seconds: float = child.SECONDS) -> Installed:
    """The packs that are installed or lie in `home`/packs, from the remembered records where nothing changed.

    before: An earlier answer; it is given back as it is if nothing changed. seconds: How long an import may take.
    """
    sources, found = _installed()
    taken = [name for source in sources for name in (*source.packs, *source.roots)]
    local, refused = in_folder(home / "packs" if home else None, taken)
    found = {**found, **refused}
    records: dict[str, Record | None] = {}
    stamps: dict[str, Stamp] = {}
    folder = home / "catalogue" if home else None
    old = before.records if before else {}
    for source in [*sources, *local]:
        stamp = stamps[source.name] = _stamp(source)
        records[source.name] = _remembered(stamp, old.get(source.name), folder)
    todo = [stamps[name] for name, record in records.items() if record is None]
    if before is not None and not todo and found == before.found and list(records) == list(before.records):
        return before
    with ThreadPoolExecutor(max(1, min(len(todo), os.cpu_count() or 2))) as pool:
        for record in pool.map(lambda stamp: _scan(stamp, seconds), todo):
            records[record.stamp.source.name] = _made[_label(record.stamp.source)] = record
            _write(record, folder)
    return merge({name: record for name, record in records.items() if record is not None}, found)


def merge(records: dict[str, Record], found: dict[str, str]) -> Installed:
    """One catalogue of many records. Where two packs declare one type or kind, the first is kept and both are told."""
    made = Installed(records, found)
    catalogue, problems = made.catalogue, made.catalogue.problems
    problems.update(found)
    owners: dict[str, str] = {}

    def first(what: str, name: str, pack: str) -> bool:
        owner = owners.setdefault(f"{what} {name}", pack)
        if owner != pack:
            _add(problems, pack, f"The {what} {name} is declared by the pack {owner} too, whose one is kept.")
            _add(problems, owner, f"The {what} {name} is declared by the pack {pack} too; this one is kept.")
        return owner == pack

    for record in records.values():
        for pack, problem in record.problems.items():
            _add(problems, pack, problem)
        for pack, scanned in record.packs.items():
            if pack not in record.problems or scanned.nodes:
                catalogue.packs[pack] = record.stamp.source.version or scanned.version
            for module, problem in scanned.problems.items():
                _add(problems, pack, f"{module} cannot be used: {problem}.".replace("..", "."))
            for spec in scanned.nodes:
                if first("node type", spec.type, pack):
                    catalogue.nodes[spec.type] = spec
                    made.codes[spec.type] = scanned.codes[spec.type]
            for kind in scanned.kinds:
                if first("kind", kind.name, pack):
                    catalogue.kinds[kind.name] = kind
                    made.makers[kind.name] = scanned.makers[kind.name]
            made.libraries[pack] = scanned.libraries
    return made


@cache
def _installed() -> tuple[list[Source], dict[str, str]]:
    return installed()


def look_again() -> None:
    """Ask anew what is installed, the next time that it is needed."""
    _installed.cache_clear()


def _add(problems: dict[str, str], pack: str, problem: str) -> None:
    if problem not in problems.get(pack, ""):
        problems[pack] = f"{problems[pack]} {problem}" if pack in problems else problem


def _stamp(source: Source) -> Stamp:
    return Stamp(source, source.stamps(), f"{sys.version} {sys.prefix}", _own())


def _own() -> Stamps:
    """Our own files that decide what is read of a pack."""
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    found: Stamps = {}
    for folder in ("", "nodetype", "values", "packs"):
        with os.scandir(os.path.join(root, folder)) as entries:
            for entry in entries:
                if entry.name.endswith(".py"):
                    status = entry.stat()
                    found[f"{folder}/{entry.name}"] = (status.st_mtime_ns, status.st_size)
    return found


def _sites() -> list[int]:
    """When something was last installed into this Python, as far as its folders tell."""
    paths = sysconfig.get_paths()
    places = dict.fromkeys((paths["purelib"], paths["platlib"]))
    return [os.stat(place).st_mtime_ns for place in places if os.path.isdir(place)]


def _remembered(stamp: Stamp, old: Record | None, folder: Path | None) -> Record | None:
    label = _label(stamp.source)
    for record in (old, _made.get(label), _read(folder, stamp.source)):
        if record is None:
            continue
        if _still_good(record, stamp):
            _made[label] = record if record is not old else _made.get(label, record)
            return record
        files = record.stamp.files
        forget_bytecode(path for path, when in stamp.files.items() if files.get(path, when) != when)
    return None


def _still_good(record: Record, stamp: Stamp) -> bool:
    if record.stamp != stamp:
        return False
    if record.is_whole:
        return True
    return record.sites == _sites() and not (record.problems and time.time() - record.at > RETRY)


def _label(source: Source) -> str:
    return f"{source.name} {sorted(place.path for place in source.roots.values())}"


def _file(folder: Path, source: Source) -> Path:
    # Several environments may share one data folder.
    return folder / f"{source.name}-{content_digest(sys.prefix.encode()).hex()[:8]}.json"


def _read(folder: Path | None, source: Source) -> Record | None:
    if folder is None:
        return None
    try:
        return msgspec.json.decode(_file(folder, source).read_bytes(), type=Record)
    except (OSError, msgspec.MsgspecError):
        return None  # not made yet, or damaged: it is made anew


def _write(record: Record, folder: Path | None) -> None:
    if folder is None:
        return
    with contextlib.suppress(
        OSError
    ):  # remembered only to save time; a folder that cannot be written is told elsewhere
        folder.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=folder, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(record))
        os.replace(part, _file(folder, record.stamp.source))


def _scan(stamp: Stamp, seconds: float) -> Record:
    """Import a source's packs in one child; if that dies, each in a child of its own, so that one harms no other."""
    source = stamp.source
    modules = {pack: source.modules(pack, stamp.files) for pack in source.packs}
    home = source.roots if source.home else {}
    packs: dict[str, Scanned] = {}
    problems: dict[str, str] = {}
    try:
        packs = child.scan_in_child(modules, home, seconds)
    except (child.ScanError, OSError) as error:
        if len(modules) == 1:
            problems[next(iter(modules))] = str(error)
        else:
            for pack, names in modules.items():
                try:
                    packs.update(child.scan_in_child({pack: names}, home, seconds))
                except (child.ScanError, OSError) as alone:
                    problems[pack] = str(alone)
    packs = {pack: packs[pack] for pack in modules if pack in packs}
    return Record(stamp, packs, problems, time.time(), _sites())
