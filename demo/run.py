"""The main job once, on real documents, over HTTP: from a certificate request to a reused birth extract.

usage: run.py [--store directory|s3] [--output FOLDER]
Starts the service on a free loopback port, plays its users, and leaves every artefact in ./demo-output/.
Both folders are made anew; one that holds files which no run of the demo left is refused.
"""

import argparse
import sys
import time
from pathlib import Path

import certificates
import copies
import digitisation
import results
import reuse
import storage
import verification
from service import MARKER, ROOT, DemoFailed, renew, require_ours, started
from story import Story

CHAPTERS = (certificates, results, verification, digitisation, copies, reuse, storage)


def main() -> int:
    """Play the story; 0 when every step gave what it must."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", choices=("directory", "s3"), default="directory", help="where objects are kept")
    parser.add_argument("--output", type=Path, default=ROOT / "demo-output", help="where artefacts are left")
    parser.add_argument("--data", type=Path, default=ROOT / "demo-data", help="the service's data folder, made anew")
    options = parser.parse_args()
    begin = time.monotonic()
    try:
        require_ours(options.data)  # before anything is emptied
        renew(options.output)
        print("Khởi động dịch vụ / Starting the service …", flush=True)
        with started(options.data, store=options.store) as service:
            print(f"  ✓ {service.url} sau {time.monotonic() - begin:.1f} s", flush=True)
            story = Story(service=service, output=options.output)
            for chapter in CHAPTERS:
                chapter.tell(story)
    except DemoFailed as failed:
        print(f"\n✗ {failed}", file=sys.stderr)
        return 1
    _print_table(story, time.monotonic() - begin)
    return 0


def _print_table(story: Story, seconds: float) -> None:
    print(f"\nXong sau {seconds:.0f} s. Mọi thứ nằm trong {story.output.name}/\n")
    width = max(len(what) for _, what, _ in story.table)
    for number, what, outcome in story.table:
        print(f"  {number}  {what:<{width}}  {outcome}")
    print()
    for path in sorted(path for path in story.output.rglob("*") if path.is_file() and path.name != MARKER):
        print(f"  {path.relative_to(story.output)!s:<44} {path.stat().st_size:>10,} B")


if __name__ == "__main__":
    sys.exit(main())
