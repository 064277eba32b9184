"""Several groups of items at a time, their answers in the order of the items; whoever stops asking stops the work.

Knows threads and queues. Must not know what is done with a group.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from threading import Event

from api.cli.sign_items import Done, Item

Group = list[Item]
_AHEAD = 2  # groups begun or waiting for each lane: behind a slow one the others go on, but not without bounds


def in_lanes(
    groups: Iterable[Group], work: Callable[[Group], Iterator[Done]], lanes: int, stopped: Event
) -> Generator[Done]:
    """One answer after the other, as ``work`` gives them for each group.

    Args:
        groups: in their order.
        work: looks at ``stopped`` between its steps, where it can stop without leaving something half done.
        lanes: groups at a time; 1: in this thread, each answer when it is asked for.
        stopped: set when nobody asks any more, also by Ctrl-C: what has begun ends its step and no other begins.
    """
    if lanes == 1:
        for group in groups:
            yield from work(group)
        return
    waiting, running = deque(groups), deque[tuple[Future[None], _Answers]]()
    with ThreadPoolExecutor(max_workers=lanes) as pool:
        try:
            while waiting or running:
                while waiting and len(running) < lanes * _AHEAD:
                    answers = _Answers()
                    running.append((pool.submit(_fill, work, waiting.popleft(), answers, stopped), answers))
                future, answers = running.popleft()
                while (answer := answers.get()) is not None:
                    yield answer
                future.result()  # what was a fault of ours is raised here
        finally:
            stopped.set()
            for future, _ in running:
                future.cancel()


_Answers = SimpleQueue[Done | None]


def _fill(work: Callable[[Group], Iterator[Done]], group: Group, answers: _Answers, stopped: Event) -> None:
    try:
        for answer in work(group) if not stopped.is_set() else ():
            answers.put(answer)
    finally:
        answers.put(None)
