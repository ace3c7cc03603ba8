"""Which steps are at work, as another process sees it."""

from __future__ import annotations

import tempfile
import threading

from graphflow.engine.inflight import SIZE, InFlight, Working
from graphflow.engine.step import CALL, SINK, Step


def test_a_step_is_seen_through_the_shared_file_until_it_ends() -> None:
    with tempfile.TemporaryFile() as file:
        file.truncate(SIZE)
        ours, theirs = InFlight(file.fileno()), InFlight(file.fileno())
        ours.begin(Step(0, "outer/inner", SINK, ()))
        assert theirs.read() == [Working("", "outer/inner", threading.get_ident())]
        ours.begin(Step(1, "next", CALL, ()))
        assert [one.path for one in theirs.read()] == ["next"]
        ours.end()
        assert theirs.read() == []
        ours.close()
        theirs.close()


def test_each_thread_has_its_own_place() -> None:
    with tempfile.TemporaryFile() as file:
        file.truncate(SIZE)
        board = InFlight(file.fileno())
        board.begin(Step(0, "here", CALL, ()))
        other = threading.Thread(target=board.begin, args=(Step(1, "there", CALL, ()),))
        other.start()
        other.join()
        assert sorted(one.path for one in board.read()) == ["here", "there"]
        board.close()


def test_a_long_path_is_cut_not_spilt() -> None:
    with tempfile.TemporaryFile() as file:
        file.truncate(SIZE)
        board = InFlight(file.fileno())
        board.begin(Step(0, "x" * 5000, CALL, ()))
        (told,) = board.read()
        assert set(told.path) == {"x"}
        assert len(told.path) < 512
        board.close()
