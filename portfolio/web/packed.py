"""Static files as browsers want them: under a name that says their content, and compressed once."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import brotli
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage

#: What shrinks; fonts and pictures are packed as they are.
SHRINKS = {".css", ".js", ".svg"}
#: Folders of pages that hardly anybody opens: compressing them would make the first start slow.
LEFT_ALONE = ("drf_spectacular_sidecar/",)
#: From this size on the best compression takes seconds; the next best is nearly as small.
LARGE = 400_000


class PackedStaticFilesStorage(ManifestStaticFilesStorage):
    """Hashes names as Django does and lays ``.br`` and ``.gz`` beside each file."""

    def post_process(self, *args: Any, **options: Any) -> Iterator[Any]:
        """Compress what Django has named."""
        for name, hashed, processed in super().post_process(*args, **options):
            if processed is True and hashed:
                _pack(Path(self.path(hashed)), name)
            yield name, hashed, processed


def _pack(path: Path, name: str) -> None:
    if path.suffix not in SHRINKS or name.startswith(LEFT_ALONE) or not path.exists():
        return
    content = path.read_bytes()
    is_large = len(content) > LARGE
    packed = brotli.compress(content, quality=7 if is_large else 11)
    path.with_name(f"{path.name}.br").write_bytes(packed)
    zipped = gzip.compress(content, 6 if is_large else 9, mtime=0)
    path.with_name(f"{path.name}.gz").write_bytes(zipped)
