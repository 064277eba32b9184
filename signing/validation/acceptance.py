"""What is wrong with a signer at the time that is proven: algorithms, chain and status, purpose; in this order.

ETSI EN 319 102-1 §5.2.8 (algorithms at the best proven time), §5.2.6 (chain). The same for signatures in documents and
outside of them. Knows the answers of the single steps, neither documents nor what was changed in them.
"""

from datetime import datetime

from signing.validation.algorithms import algorithm_faults
from signing.validation.chains import ChainAnswer, purpose_fault
from signing.validation.container import Container
from signing.validation.crypto_judgements import of_algorithms
from signing.validation.judgement import WRONG_PURPOSE, Judgement, of_chain
from signing.validation.policy import ValidationPolicy


def signer_fault(
    container: Container, chain: ChainAnswer, policy: ValidationPolicy, *, proven: datetime | None, at: datetime
) -> tuple[Judgement, tuple[str, ...]] | None:
    """The first thing that is wrong, with what to tell about it; None if nothing is."""
    used = chain.chain or (container.leaf,)
    faults = algorithm_faults(container, used, policy, proven_time=proven, at=at)  # §5.2.8.4.4
    disallowed = of_algorithms(faults, proven=proven is not None)
    if disallowed is not None:
        return disallowed, tuple(fault.what for fault in faults)
    if not chain.ok:
        return of_chain(chain), (chain.outcome.reason,)
    purpose = purpose_fault(container.certificate)
    return (WRONG_PURPOSE, (purpose,)) if purpose else None
