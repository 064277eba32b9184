"""A name that stands on a paper twice is its own witness: the surest reading of it counts.

On a request the same person is named at the top and signs at the bottom; on a decision a name comes back in the text. A
spelling is only ever taken from the paper, never made up.

Knows lines and names. Must not know kinds of paper.
"""

from collections import defaultdict

from digitize.extract.reading import Piece, Reading
from digitize.vietnamese import fold, title_case


def surest_spelling(reading: Reading, piece: Piece) -> Piece:
    """Return the piece with the spelling of the same name that was read most surely; place and confidence stay.

    The confidence is lowered when the spellings differ, so that a person looks.
    """
    wanted = fold(piece.text)
    if " " not in wanted:
        return piece
    votes: dict[str, float] = defaultdict(float)
    for line in reading.lines:
        at = line.folded.find(wanted)
        if at >= 0 and _stands_alone(line.folded, at, at + len(wanted)):
            found = line.cut(at, at + len(wanted))
            votes[title_case(found.text)] += found.confidence
    if len(votes) < 2:  # noqa: PLR2004 - one spelling: nothing to choose
        return piece
    best = max(votes, key=lambda spelling: votes[spelling])
    unsure = Piece(text=piece.text, confidence=min(piece.confidence, 0.5), page=piece.page, box=piece.box)
    return unsure if title_case(piece.text) == best else unsure.with_text(best)


def _stands_alone(folded: str, start: int, end: int) -> bool:
    before, after = folded[start - 1 : start], folded[end : end + 1]
    return not before.isalnum() and not after.isalnum()
