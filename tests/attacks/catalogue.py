"""Every attack and every clean file, by name."""

from tests.attacks.appended_updates import appended
from tests.attacks.certified_documents import rights
from tests.attacks.clean_additions import additions
from tests.attacks.clean_containers import containers
from tests.attacks.clean_exactness import exactness
from tests.attacks.clean_habits import habits
from tests.attacks.clean_producers import producer
from tests.attacks.clean_shapes import shapes
from tests.attacks.clean_signers import signers
from tests.attacks.clean_touches import room, touches
from tests.attacks.clean_updates import updates
from tests.attacks.clean_writing import writing
from tests.attacks.covering_faces import cover
from tests.attacks.edited_documents import edit
from tests.attacks.evil_annotations import evil
from tests.attacks.exact_readers import exact
from tests.attacks.forged_signatures import forged
from tests.attacks.hidden_paths import path
from tests.attacks.impostors import impostor
from tests.attacks.near_misses import near
from tests.attacks.prepared_traps import trap
from tests.attacks.quiet_exchanges import quiet
from tests.attacks.reader_differences import differing
from tests.attacks.replaced_content import replace
from tests.attacks.shadow_documents import hide
from tests.attacks.sneaky_signatures import sneaky
from tests.attacks.switched_documents import switch
from tests.attacks.wrapped_signatures import wrapped

ATTACKS = tuple(
    attack
    for family in (
        forged,
        appended,
        wrapped,
        hide,
        replace,
        switch,
        edit,
        evil,
        sneaky,
        rights,
        trap,
        path,
        impostor,
        differing,
        quiet,
        cover,
        exact,
        near,
    )
    for attack in family.members
)
CLEAN = tuple(
    file
    for family in (signers, updates, additions, habits, touches, room, writing, shapes, containers, exactness, producer)
    for file in family.members
)
