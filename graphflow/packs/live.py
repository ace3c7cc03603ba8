"""What an edit of a pack's files means for a process that has some of its modules loaded."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace

import msgspec

from graphflow.packs.catalogue import Record
from graphflow.packs.loading import importers
from graphflow.packs.scan import Scanned


@dataclass(frozen=True, slots=True)
class Edit:
    """What to do about an edit of one source.

    reload: Loaded modules to import anew. record: What is told of the source: the new record, with the earlier specs
    and digests of modules whose earlier code stays. problem: Why some stays.
    """

    reload: set[str]
    record: Record
    old: Record | None
    problem: str = ""

    def refused(self, problem: str) -> Edit:
        """The same edit, if what should have been imported anew could not be."""
        held = importers(self.reload, _files(self.record))
        return replace(self, reload=set[str](), record=_holding(self.record, self.old, held), problem=problem)


def changes(record: Record, old: Record | None, stale: set[str]) -> Edit:
    """What to do when a source's record is now `record` and was `old`.

    stale: Loaded modules whose files are not what was imported. A module that no longer imports holds those that import
    it, and all that would have to be imported anew with it, at their earlier code.
    """
    if not stale and (old is None or record is old):
        return Edit(set(), record, old)
    files = _files(record)
    fresh = importers(stale, files)
    failed = {module for scanned in record.packs.values() for module in scanned.problems}
    for pack in record.problems:
        failed.update(record.stamp.source.modules(pack, record.stamp.files))
    if not failed:
        return Edit({name for name in fresh if name in sys.modules}, record, old)
    held = set(failed)
    groups = [importers({module}, files) for module in sorted(stale)]
    while torn := next((group for group in groups if group & held and not group <= held), None):
        held |= torn
    fresh -= held
    told = _holding(record, old, held)
    return Edit({name for name in fresh if name in sys.modules}, told, old)


def _files(record: Record) -> dict[str, str]:
    """{module: its file} of a source."""
    found: dict[str, str] = {}
    for root, place in record.stamp.source.roots.items():
        if not place.package:
            found[root] = place.path
            continue
        for path in record.stamp.files:
            if path.startswith(place.path + os.sep):
                parts = os.path.relpath(path, place.path).removesuffix(".py").split(os.sep)
                found[".".join([root, *(parts[:-1] if parts[-1] == "__init__" else parts)])] = path
    return found


def _holding(record: Record, old: Record | None, held: set[str]) -> Record:
    """The record with the specs, digests and kinds of the held modules as they were."""
    if not held:
        return record
    # Without an earlier record, nothing is known that fits the code that is loaded.
    earlier = old.packs if old is not None and old is not record else {}
    packs: dict[str, Scanned] = {}
    for pack in record.stamp.source.packs:
        new, was = record.packs.get(pack, Scanned()), earlier.get(pack, Scanned())
        nodes = [spec for spec in new.nodes if spec.module not in held]
        nodes += [spec for spec in was.nodes if spec.module in held]
        makers = {kind: module for kind, module in new.makers.items() if module not in held}
        makers.update({kind: module for kind, module in was.makers.items() if module in held})
        kinds = {spec.name: spec for spec in (*was.kinds, *new.kinds) if spec.name in makers}
        kinds.update({spec.name: spec for spec in was.kinds if makers.get(spec.name) in held})
        codes = {**new.codes, **{spec.type: was.codes[spec.type] for spec in nodes if spec.module in held}}
        packs[pack] = msgspec.structs.replace(
            new,
            nodes=nodes,
            codes={spec.type: codes[spec.type] for spec in nodes},
            libraries=new.libraries or was.libraries,
            kinds=list(kinds.values()),
            makers=makers,
            version=new.version or was.version,
        )
    return msgspec.structs.replace(record, packs=packs)
