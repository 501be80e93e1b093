"""What the plug-ins of trackers share: how they say that an initiative stands."""

_WORDS = {
    "on_track": ("on track", "on-track", "on_track", "green", "1"),
    "at_risk": ("at risk", "at-risk", "at_risk", "yellow", "amber", "2"),
    "off_track": ("off track", "off-track", "off_track", "red", "3"),
}


def status_of(text: str) -> tuple[str, str]:
    """
    Read how something stands in a tracker's words; empty when it says nothing of the kind.

    >>> status_of("At Risk")
    ('at_risk', 'At Risk')
    >>> status_of("purple")
    ('', '')
    """
    said = text.strip().casefold()
    for status, words in _WORDS.items():
        if said in words:
            return status, text.strip()
    return "", ""
