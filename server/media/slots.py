"""Which slot carries what: pure, and as stable as can be, because every change of a slot costs a key frame."""

from collections.abc import Mapping, Sequence

from server.media.values import Binding


def assign(
    mids: Sequence[str], current: Mapping[str, Binding | None], wanted: Sequence[Binding]
) -> dict[str, Binding | None]:
    """Mid → binding for the first `len(mids)` of `wanted`; whatever is wanted and has a slot keeps it."""
    chosen = list(dict.fromkeys(wanted))[: len(mids)]
    kept = {mid: bound for mid in mids if (bound := current.get(mid)) is not None and bound in chosen}
    placed = set(kept.values())
    waiting = iter([binding for binding in chosen if binding not in placed])
    return {mid: kept[mid] if mid in kept else next(waiting, None) for mid in mids}
