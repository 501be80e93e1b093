"""Board packs: figures of a day for a board, as slides and on paper."""
