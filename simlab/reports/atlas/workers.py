"""Drawing the pictures of many theorems on all processors.

Matplotlib draws one picture at a time, so each processor has a Python process of its own; they read the records of
results as JSON and answer with a line a theorem. (A pool of ``multiprocessing`` would run a user's script again.)
"""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

from simlab.discovery import HOME
from simlab.reports.atlas.pictures import Picture, drawing, theorem_pictures
from simlab.reports.files import plain

FEW = 16  # theorems that are drawn before another process has started
MOST = 8
Record = Mapping[str, Any]
Job = tuple[int, Record]


def draw_all(
    records: Sequence[Record], done: Callable[[int], None] = lambda _: None, workers: int | None = None
) -> list[list[Picture]]:
    """The pictures of each record, in order; ``done`` is called with the number of each as it is finished."""
    count = min(os.cpu_count() or 1, MOST, len(records) // FEW) if workers is None else workers
    jobs = list(enumerate(records))
    made: dict[int, list[Picture]] = {}
    if count > 1:
        for number, pictures in _answers([jobs[start::count] for start in range(count)]):
            made[number] = pictures
            done(number)
    with drawing():
        for number, record in jobs:
            if number not in made:  # all of them, or what a process did not answer
                made[number] = theorem_pictures(record, f"p{number}")
                done(number)
    return [made[number] for number, _ in jobs]


def _answers(parts: Sequence[Sequence[Job]]) -> Iterator[tuple[int, list[Picture]]]:
    """What the processes answer, as it comes; a process that fails answers nothing more."""
    lines: queue.Queue[str | None] = queue.Queue()
    with ExitStack() as running:
        for part in parts:
            process = running.enter_context(_started())
            running.callback(process.kill)  # leaves none behind when the caller stops
            threading.Thread(target=_talk, args=(process, part, lines), daemon=True).start()
        open_ = len(parts)
        while open_:
            line = lines.get()
            if line is None:
                open_ -= 1
            else:
                number, pictures = json.loads(line)
                yield number, [Picture(**picture) for picture in pictures]


def _started() -> "subprocess.Popen[str]":
    path = os.pathsep.join([str(HOME), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.Popen(
        [sys.executable, "-m", "simlab.reports.atlas.workers"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
    )


def _talk(process: "subprocess.Popen[str]", part: Sequence[Job], lines: "queue.Queue[str | None]") -> None:
    """Give a process its part and pass on its lines; None says that there are no more."""
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(plain(list(part)), allow_nan=False))
        process.stdin.close()
        for line in process.stdout:
            lines.put(line)
    except OSError:  # it ended early: what it leaves is drawn here
        pass
    finally:
        lines.put(None)


def main() -> None:
    """Draw the records on standard input."""
    with drawing():
        for number, record in json.load(sys.stdin):
            pictures = [asdict(picture) for picture in theorem_pictures(record, f"p{number}")]
            print(json.dumps([number, pictures]), flush=True)  # noqa: T201 (the answer)


if __name__ == "__main__":
    main()
