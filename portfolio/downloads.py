"""Handing kept bytes out."""

from typing import BinaryIO, cast

from django.http import FileResponse, HttpResponse


def as_download(
    stream: BinaryIO, *, name: str, size: int, media_type: str = "application/octet-stream"
) -> HttpResponse:
    """Send a kept file to be saved, never to be shown: its bytes came from outside."""
    response = FileResponse(stream, as_attachment=True, filename=name, content_type=media_type)
    response["Content-Length"] = str(size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return cast(HttpResponse, response)
