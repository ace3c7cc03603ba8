"""R13, V2, V3: equal graphs give equal bytes; large graphs run; what is no number is told with its field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graphflow.engine.session import Session

ROOT = Path(__file__).resolve().parents[2]


# -- R13: same graph, same bytes --------------------------------------------------------------------------------------


@pytest.mark.parametrize("example", ["image.noise", "text.wildcards"])
def test_cold_warm_elsewhere_and_in_a_script_give_the_same_digests(
    cli: Any, home: Path, example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = str(ROOT / "docs/nodes/examples" / f"{example}.json")
    cold, warm = (cli("run", name, "--json", "--out", folder).json for folder in ("one", "two"))
    with Session(None) as session:
        script = session.run(name, out=tmp_path / "three")
    assert digests(cold["outputs"]) == digests(warm["outputs"]) == digests(script.outputs)
    assert cold["outputs"]
    assert (cold["executed"] > 0, warm["executed"]) == (True, 0)
    folders = [Path("one"), Path("two"), tmp_path / "three"]
    saved = [{path.name: path.read_bytes() for path in folder.glob("*")} for folder in folders]
    assert saved[0] == saved[1] == saved[2]


def digests(outputs: dict[str, Any]) -> dict[str, str]:
    return {name: output["digest"] for name, output in outputs.items()}


# -- V2, V3: size and numbers -----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_chain_of_20_000_nodes_runs_and_then_computes_nothing(cli: Any, write: Any, odd: str) -> None:
    nodes: dict[str, Any] = {"n0": {"type": "odd/add"}}
    for at in range(1, 20_000):
        nodes[f"n{at}"] = {"type": "odd/add", "inputs": {"x": f"n{at - 1}.value"}}
    name = write(nodes)
    done = cli("run", name, "--json")
    assert (done.code, done.json["executed"]) == (0, 20_000)
    assert cli("run", name, "--json").json["executed"] == 0


def test_a_cycle_lists_its_nodes_in_order(cli: Any, write: Any, odd: str) -> None:
    link = {"a": "c", "b": "a", "c": "b", "d": "c"}
    name = write({one: {"type": "odd/add", "inputs": {"x": f"{of}.value"}} for one, of in link.items()})
    for command in ("run", "validate"):
        done = cli(command, name, "--json")
        assert done.code == 65
        [error] = [one for one in done.json["errors"] if one["code"] == "graph.cycle"]
        assert any(order in error["message"] for order in ("a → b → c → a", "b → c → a → b", "c → a → b → c"))
        assert error["hint"]


NUMBERS = {
    "NaN": "NaN", "infinity": "Infinity", "minus infinity": "-Infinity", "too large": "1e999", "true": "true",
    "a text": '"1"', "5,000 digits": "9" * 5000, "a fraction": "1.5", "nothing": "null", "a list": "[[1]]",
}  # fmt: skip


@pytest.mark.parametrize("command", ["run", "validate"])
@pytest.mark.parametrize("what", NUMBERS)
def test_a_number_that_is_none_is_65_and_names_the_field(cli: Any, home: Path, what: str, command: str) -> None:
    text = '{"graphflow": 1, "nodes": {"n": {"type": "image.blur", "params": {"radius": 1}}, %s}}'
    node = '"a": {"type": "number.whole", "params": {"value": %s}}'
    Path("flow.json").write_text(text % (node % NUMBERS[what]))
    done = cli(command, "flow.json", "--json")
    assert done.code == 65
    assert ("a", "value") in {(error["node"], error["field"]) for error in done.json["errors"]}
    assert all(error["hint"] for error in done.json["errors"])


@pytest.mark.parametrize("value", ["0", "-0", "7", "9007199254740991", "1e3", "2.0"])
def test_a_whole_number_however_it_is_written_is_taken(cli: Any, home: Path, value: str) -> None:
    node = '{"type": "number.whole", "params": {"value": VALUE}}'.replace("VALUE", value)
    Path("flow.json").write_text(f'{{"graphflow": 1, "nodes": {{"a": {node}}}}}')
    assert cli("validate", "flow.json").code == 0
