"""`anso` with a queue in a hurry, for tests: `python -m tests.api.brisk_worker worker` looks and beats more often.

What a killed worker left is taken over after a third of the time; everything else is as in service.
"""

from api.cli.app import main
from api.jobs import queue

TIMES_FASTER = 3

if __name__ == "__main__":
    queue.LEASE /= TIMES_FASTER
    queue.BEAT_S /= TIMES_FASTER
    queue.POLL_S /= TIMES_FASTER
    main()
