"""
Merkle trees as RFC 6962 has them: one hash stands for a list, and a short path proves a member.

Leaves and inner nodes are hashed with different first bytes, so that none can pass for the other.
An odd node at the end of a level moves up unchanged.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Step:
    """One sibling on the way from a leaf to the root, and on which side it stands."""

    side: Literal["left", "right"]
    hash: bytes


def leaf_hash(content: bytes) -> bytes:
    """
    Hash the content of one leaf.

    >>> leaf_hash(b"").hex()[:16]
    '6e340b9cffb37a98'
    """
    return hashlib.sha256(b"\x00" + content).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """
    Give the root over leaf hashes in their order.

    >>> root([]) == hashlib.sha256(b"").digest()
    True
    >>> one, two, three = (leaf_hash(text) for text in (b"a", b"b", b"c"))
    >>> root([one]) == one
    True
    >>> root([one, two, three]) == _node(_node(one, two), three)
    True
    """
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        level = _above(level)
    return level[0]


def path(leaves: Sequence[bytes], index: int) -> list[Step]:
    """
    Give the siblings that lead from one leaf to the root.

    Args:
        leaves: leaf hashes in their order.
        index: which of them, from 0.

    >>> leaves = [leaf_hash(bytes([n])) for n in range(5)]
    >>> all(climb(leaves[n], path(leaves, n)) == root(leaves) for n in range(5))
    True
    """
    level, steps = list(leaves), []
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):
            steps.append(Step("right" if beside > index else "left", level[beside]))
        level, index = _above(level), index // 2
    return steps


def climb(leaf: bytes, steps: Sequence[Step]) -> bytes:
    """Give the root that a leaf hash and its path lead to; equal to the true root proves it."""
    for step in steps:
        leaf = _node(leaf, step.hash) if step.side == "right" else _node(step.hash, leaf)
    return leaf


def _above(level: Sequence[bytes]) -> list[bytes]:
    return [
        _node(level[at], level[at + 1]) if at + 1 < len(level) else level[at]
        for at in range(0, len(level), 2)
    ]


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
