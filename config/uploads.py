"""Files of forms on their way to the disk."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler


class NamelessFileHandler(TemporaryFileUploadHandler):
    """Streams a large file of a form to a temporary file. Django's own gives it the ending of the client's name."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Create the temporary file."""
        FileUploadHandler.new_file(self, *args, **kwargs)
        self.file = TemporaryUploadedFile("upload", self.content_type, 0, self.charset, self.content_type_extra)
        self.file.name = self.file_name
