"""The registry: code of node types loaded when it is needed, and again when it was edited."""

from __future__ import annotations

import importlib.metadata
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graphflow import Subgraph, node
from graphflow.nodetype.code import code_digest
from graphflow.packs.registry import PackError, Registry
from graphflow.values.kind import KINDS

Write = Callable[[str, str], Path]

HELPER = """
def by(value, factor):
    return value * factor


def other():
    return 1
"""
SCALE = '''
from graphflow import node
from acme.helper import by


@node
def scale(value: float, *, factor: float = 2.0) -> float:
    """Scale a number."""
    return by(value, factor)
'''
SHIFT = '''
from graphflow import node


@node
def shift(value: float, *, by: float = 1.0) -> float:
    """Shift a number."""
    return value + by
'''


@pytest.fixture
def acme(home: Path, write: Write) -> Registry:
    """A registry with a pack of three modules."""
    write("acme/__init__.py", "LIBRARIES = ('numpy', 'msgspec')")
    write("acme/helper.py", HELPER)
    write("acme/scale.py", SCALE)
    write("acme/shift.py", SHIFT)
    return Registry.open(home)


def test_a_node_imports_only_the_module_that_it_needs(acme: Registry) -> None:
    assert "acme.scale" not in sys.modules
    assert acme.node("acme/scale.scale")(3.0, factor=2.0) == 6.0
    assert "acme.scale" in sys.modules
    assert "acme.helper" in sys.modules
    assert "acme.shift" not in sys.modules


def test_a_node_is_the_same_object_each_time(acme: Registry) -> None:
    assert acme.node("acme/shift.shift") is acme.node("acme/shift.shift")
    assert acme.node("acme/shift.shift").type == "acme/shift.shift"


def test_a_pack_of_one_file_gives_its_nodes(home: Path, write: Write) -> None:
    write("single.py", SHIFT)
    assert Registry.open(home).node("single/shift")(1.0) == 2.0


def test_a_bundled_node_and_a_conversion_are_found() -> None:
    registry = Registry.open()
    assert registry.node("number.number").type == "number.number"
    assert registry.node("convert.whole_to_number")(3) == 3.0


def test_an_earlier_name_leads_to_the_node(home: Path, write: Write) -> None:
    write("single.py", SHIFT.replace("@node", '@node(was="old.move")'))
    registry = Registry.open(home)
    assert registry.node("old.move") is registry.node("single/shift")
    assert registry.code_digest("old.move") == registry.code_digest("single/shift")


def test_an_unknown_type_is_an_error_that_names_the_nearest(acme: Registry) -> None:
    with pytest.raises(
        PackError, match=re.escape("No pack gives the node type 'acme/scale.scales'; there is acme/scale")
    ):
        acme.node("acme/scale.scales")


def test_a_type_of_a_pack_that_cannot_be_used_tells_why(home: Path, write: Write) -> None:
    write("bad.py", "raise ValueError('no such luck')")
    with pytest.raises(PackError, match=r"bad cannot be used: ValueError: no such luck \(packs/bad.py, line 1\)"):
        Registry.open(home).node("bad/scale")


def test_an_import_that_fails_here_names_pack_and_reason(home: Path, write: Write) -> None:
    write("fickle.py", f"import os\nif 'FICKLE' in os.environ:\n    raise OSError('not here')\n{SHIFT}")
    registry = Registry.open(home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FICKLE", "1")
        with pytest.raises(
            PackError, match=r"The pack fickle cannot be used: .*OSError: not here \(packs/fickle.py, line 3\)"
        ):
            registry.node("fickle/shift")
    assert registry.node("fickle/shift")(1.0) == 2.0


def test_the_digest_told_without_importing_is_that_of_the_code(acme: Registry) -> None:
    told = acme.code_digest("acme/scale.scale")
    assert "acme.scale" not in sys.modules
    assert told == code_digest(acme.node("acme/scale.scale"))


def test_the_salt_is_major_and_minor_of_the_pack_s_libraries(acme: Registry) -> None:
    def short(name: str) -> str:
        return ".".join(importlib.metadata.version(name).split(".")[:2])

    assert acme.salt("acme/scale.scale") == f"numpy {short('numpy')}, msgspec {short('msgspec')}"
    assert acme.salt("acme/shift.shift") == acme.salt("acme/scale.scale")
    assert acme.salt("convert.whole_to_number") == ""


def test_the_salt_of_a_library_that_is_not_there_says_so(home: Path, write: Write) -> None:
    write("single.py", f"LIBRARIES = ('no-such-library',)\n{SHIFT}")
    assert Registry.open(home).salt("single/shift") == "no-such-library absent"


def test_a_kind_s_module_is_imported_when_a_value_of_it_is_read(home: Path, write: Write) -> None:
    write("shapes/__init__.py", "")
    write("shapes/kinds.py", KIND)
    registry = Registry.open(home)
    registry.import_kind("image")
    assert "lattice" not in KINDS
    registry.import_kind("lattice")
    assert KINDS["lattice"].cls.__module__ == "shapes.kinds"
    with pytest.raises(LookupError, match="No installed pack registers the kind 'nothing'"):
        registry.import_kind("nothing")


# -- what check asks ------------------------------------------------------------------------------------------------

KIND = '''
from dataclasses import dataclass
from graphflow import kind


@kind
@dataclass(frozen=True)
class Lattice:
    """A lattice."""

    size: int
'''
ASKED = '''
from graphflow import Image, Inputs, Outputs, Subgraph, node


@node(version=2)
def asked(more: Inputs, *, count: int = 2, font: str = "a", graph: Subgraph | None = None) -> Outputs:
    """Ask."""
    return Outputs()


@asked.inputs
def _(count: int) -> dict:
    return {f"in{i}": list[Image] for i in range(count)}


@asked.outputs
def _(count: int, graph) -> dict:
    if count == 9:
        return ["image"]
    if count == 8:
        return {"": "image"}
    if count == 7:
        return {"x": "image["}
    return {"out": "image | none"} if graph is None else dict(graph.outputs)


@asked.choices("font")
def _(count: int) -> list[str]:
    return ["a"] * count


@asked.migrate(1)
def _(params: dict, inputs: dict) -> None:
    params["count"] = params.pop("number")
'''


@pytest.fixture
def asked(home: Path, write: Write) -> Registry:
    write("asking.py", ASKED)
    return Registry.open(home)


def test_ports_come_from_the_satellites_as_type_texts(asked: Registry) -> None:
    spec = asked.catalogue.nodes["asking/asked"]
    assert asked.ports(spec, {"count": 1, "graph": None}) == ({"in0": "list[image]"}, {"out": "image | none"})
    graph = Subgraph("g", outputs={"best": "mask"})
    assert asked.ports(spec, {"graph": graph})[1] == {"best": "mask"}
    assert len(asked.ports(spec, {"graph": graph})[0]) == 2


@pytest.mark.parametrize(
    ("count", "said"), [(9, "must return {name: kind}, not list"), (8, "names a port ''"), (7, "is not a type")]
)
def test_ports_that_are_none_are_refused(asked: Registry, count: int, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        asked.ports(asked.catalogue.nodes["asking/asked"], {"count": count, "graph": None})


def test_a_node_without_satellites_has_no_dynamic_ports(acme: Registry) -> None:
    assert acme.ports(acme.catalogue.nodes["acme/shift.shift"], {}) == ({}, {})


def test_migrations_change_params_in_place(asked: Registry) -> None:
    params: dict[str, Any] = {"number": 3}
    asked.migrate(asked.catalogue.nodes["asking/asked"], 1, params, {})
    assert params == {"count": 3}


def test_choices_come_from_code_or_from_the_signature(asked: Registry) -> None:
    spec = asked.catalogue.nodes["asking/asked"]
    assert asked.choices(spec, "font", {"count": 3}) == ["a", "a", "a"]
    assert asked.choices(spec, "font", {}) == ["a", "a"]
    with pytest.raises(LookupError, match="no menu for 'count'"):
        asked.choices(spec, "count", {})
    while_ = asked.catalogue.nodes["flow.while"]
    assert asked.choices(while_, "at_limit", {}) == ["fail", "keep"]


# -- nodes of scripts and tests ---------------------------------------------------------------------------------------


def test_added_nodes_join_the_catalogue_and_stay_after_a_refresh(acme: Registry, write: Write) -> None:
    @node
    def halve(value: float) -> float:
        """Halve a number."""
        return value / 2

    acme.add([halve])
    assert acme.catalogue.nodes[halve.type] == halve.spec
    assert acme.node(halve.type) is halve
    assert acme.code_digest(halve.type) == code_digest(halve)
    assert acme.salt(halve.type) == ""
    write("acme/shift.py", SHIFT.replace("value + by", "value - by"))
    assert acme.refresh()
    assert acme.node(halve.type) is halve
    assert halve.type in acme.catalogue.nodes


def test_a_node_added_again_under_its_name_stands_in_the_place_of_the_first(acme: Registry) -> None:
    def made(factor: float) -> Any:
        @node
        def change(value: float) -> float:
            """Change a number."""
            return value * factor

        return change

    first, second = made(2.0), made(3.0)
    acme.add([first])
    before = acme.code_digest(first.type)
    acme.add([second])
    assert acme.node(first.type) is second
    assert acme.code_digest(first.type) != before


# -- live reload -----------------------------------------------------------------------------------------------------


def test_a_refresh_without_an_edit_finds_nothing(acme: Registry) -> None:
    acme.node("acme/scale.scale")
    before = acme.catalogue
    assert not acme.refresh()
    assert acme.catalogue is before


def test_an_edited_node_takes_effect_and_no_other_changes(acme: Registry, write: Write) -> None:
    scale, shift = acme.node("acme/scale.scale"), acme.node("acme/shift.shift")
    codes = acme.code_digest("acme/scale.scale"), acme.code_digest("acme/shift.shift")
    write("acme/shift.py", SHIFT.replace("value + by", "value - by"))
    changes = acme.refresh()
    assert changes.types == {"acme/shift.shift"}
    assert changes.modules == ("acme.shift",)
    assert not changes.problems
    assert acme.node("acme/shift.shift")(3.0) == 2.0
    assert shift(3.0) == 4.0
    assert acme.node("acme/scale.scale") is scale
    assert acme.code_digest("acme/scale.scale") == codes[0]
    assert acme.code_digest("acme/shift.shift") == code_digest(acme.node("acme/shift.shift")) != codes[1]


def test_an_edited_helper_reloads_the_modules_that_import_it(acme: Registry, write: Write) -> None:
    acme.node("acme/scale.scale"), acme.node("acme/shift.shift")
    kept = sys.modules["acme.shift"]
    write("acme/helper.py", HELPER.replace("value * factor", "value ** factor"))
    changes = acme.refresh()
    assert changes.types == {"acme/scale.scale"}
    assert set(changes.modules) == {"acme.helper", "acme.scale"}
    assert acme.node("acme/scale.scale")(3.0) == 9.0
    assert sys.modules["acme.shift"] is kept
    assert sys.modules["acme"].shift is kept


def test_an_edited_package_reloads_and_keeps_its_other_modules(acme: Registry, write: Write) -> None:
    acme.node("acme/shift.shift")
    kept = sys.modules["acme.shift"]
    write("acme/__init__.py", "LIBRARIES = ('msgspec',)\nTABLE = 1")
    assert acme.refresh().modules == ("acme",)
    assert sys.modules["acme"].TABLE == 1
    assert sys.modules["acme"].shift is kept
    assert acme.salt("acme/shift.shift").startswith("msgspec ")


def test_an_edit_of_a_comment_changes_no_type(acme: Registry, write: Write) -> None:
    acme.node("acme/shift.shift")
    write("acme/shift.py", SHIFT.replace("    return", "    # more\n    return"))
    changes = acme.refresh()
    assert changes.types == set()
    assert changes.modules == ("acme.shift",)


def test_an_edit_of_a_module_that_is_not_loaded_takes_effect_too(acme: Registry, write: Write) -> None:
    before = acme.code_digest("acme/shift.shift")
    write("acme/shift.py", SHIFT.replace("value + by", "value - by"))
    assert acme.refresh().types == {"acme/shift.shift"}
    assert acme.code_digest("acme/shift.shift") != before
    assert acme.node("acme/shift.shift")(3.0) == 2.0


def test_an_edit_of_the_same_size_takes_effect(acme: Registry, write: Write) -> None:
    acme.node("acme/shift.shift")
    write("acme/shift.py", SHIFT.replace("= 1.0", "= 5.0"))
    assert acme.refresh().types == {"acme/shift.shift"}
    assert acme.node("acme/shift.shift")(1.0) == 6.0
    assert acme.catalogue.nodes["acme/shift.shift"].params[0].default == 5.0


@pytest.mark.parametrize("text", ["def (", "raise ValueError('no')", "import os; os._exit(3)", "import no_such_thing"])
def test_an_edit_that_does_not_import_leaves_the_old_code_in_use(acme: Registry, write: Write, text: str) -> None:
    old = acme.node("acme/shift.shift")
    spec, code = acme.catalogue.nodes["acme/shift.shift"], acme.code_digest("acme/shift.shift")
    write("acme/shift.py", text)
    changes = acme.refresh()
    assert changes.types == set()
    assert "acme" in changes.problems
    assert acme.node("acme/shift.shift") is old
    assert acme.catalogue.nodes["acme/shift.shift"] == spec
    assert acme.code_digest("acme/shift.shift") == code
    assert sys.modules["acme.shift"].shift is old
    assert not acme.refresh()
    write("acme/shift.py", SHIFT.replace("value + by", "value - by"))
    assert acme.refresh().types == {"acme/shift.shift"}
    assert acme.catalogue.problems.get("acme") is None
    assert acme.node("acme/shift.shift")(3.0) == 2.0


def test_a_broken_module_holds_what_it_uses_but_not_the_rest(acme: Registry, write: Write) -> None:
    scale, shift = acme.node("acme/scale.scale"), acme.node("acme/shift.shift")
    code = acme.code_digest("acme/scale.scale")
    write("acme/helper.py", HELPER.replace("value * factor", "value ** factor"))
    write("acme/scale.py", SCALE.replace("@node", "@nod"))
    write("acme/shift.py", SHIFT.replace("value + by", "value - by"))
    changes = acme.refresh()
    assert changes.types == {"acme/shift.shift"}
    assert acme.node("acme/scale.scale") is scale
    assert scale(3.0) == 6.0
    assert acme.code_digest("acme/scale.scale") == code
    assert acme.node("acme/shift.shift") is not shift
    write("acme/scale.py", SCALE)
    assert acme.refresh().types == {"acme/scale.scale"}
    assert acme.node("acme/scale.scale")(3.0) == 9.0


def test_an_edit_that_imports_in_the_child_but_not_here_leaves_all_as_it_was(
    acme: Registry, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, code = acme.node("acme/scale.scale"), acme.code_digest("acme/scale.scale")
    write("acme/helper.py", f"import sys\nif hasattr(sys, 'trial'):\n    raise OSError('not here')\n{HELPER}\n# more")
    write("acme/scale.py", SCALE.replace("value, factor", "value, 1"))
    monkeypatch.setattr(sys, "trial", 1, raising=False)
    changes = acme.refresh()
    assert changes.problems["acme"].endswith(
        "OSError: not here (acme/helper.py, line 3). Its earlier code stays in use."
    )
    assert acme.node("acme/scale.scale") is old
    assert acme.code_digest("acme/scale.scale") == code
    assert sys.modules["acme"].helper is sys.modules["acme.helper"]


def test_nodes_that_come_and_go_are_seen(acme: Registry, write: Write, home: Path) -> None:
    acme.node("acme/shift.shift")
    write("acme/more.py", SHIFT.replace("def shift", "def more"))
    write("another.py", SHIFT)
    assert acme.refresh().types == {"acme/more.more", "another/shift"}
    assert acme.node("acme/more.more")(1.0) == 2.0
    (home / "packs/acme/shift.py").unlink()
    (home / "packs/another.py").unlink()
    assert acme.refresh().types == {"acme/shift.shift", "another/shift"}
    with pytest.raises(PackError):
        acme.node("acme/shift.shift")


def test_a_pack_edited_between_a_look_and_its_import_is_refused_once(acme: Registry, write: Write) -> None:
    write("acme/shift.py", SHIFT.replace("value + by", "value - by"))
    with pytest.raises(PackError, match=r"The pack acme was edited while it was used \(acme.shift\); run again."):
        acme.node("acme/shift.shift")
    assert acme.refresh().types == {"acme/shift.shift"}
    assert acme.node("acme/shift.shift")(3.0) == 2.0


def test_a_registry_opened_after_an_edit_reloads_what_an_earlier_one_loaded(
    acme: Registry, write: Write, home: Path
) -> None:
    old = acme.node("acme/shift.shift")
    write("acme/shift.py", SHIFT.replace("value + by", "value - by"))
    again = Registry.open(home)
    assert again.node("acme/shift.shift")(3.0) == 2.0
    assert acme.node("acme/shift.shift") is old


def test_two_data_folders_may_have_packs_of_one_name(acme: Registry, tmp_path: Path) -> None:
    assert acme.node("acme/shift.shift")(3.0) == 4.0
    other = tmp_path / "other"
    (other / "packs").mkdir(parents=True)
    (other / "packs" / "acme.py").write_text(SHIFT.replace("value + by", "value - by"), encoding="utf-8")
    assert Registry.open(other).node("acme/shift")(3.0) == 2.0


def test_values_of_a_kind_declared_anew_are_stale(home: Path, write: Write) -> None:
    write("shapes.py", KIND)
    registry = Registry.open(home)
    registry.import_kind("lattice")
    value = KINDS["lattice"].cls(3)
    assert not registry.is_stale(value)
    assert not registry.is_stale([1, "text", None])
    write("shapes.py", KIND.replace("size: int", "size: int\n    name: str = ''"))
    assert registry.refresh().modules == ("shapes",)
    assert registry.is_stale(value)
    assert registry.is_stale([value])
    assert not registry.is_stale(KINDS["lattice"].cls(3))
    write("shapes.py", "")
    registry.refresh()
    assert "lattice" not in KINDS
    assert "lattice" not in registry.catalogue.kinds
