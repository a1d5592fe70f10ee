from pathlib import Path

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import load_handler
from django.test import RequestFactory

from config import settings


def test_temporary_file_of_an_upload_has_nothing_of_its_name() -> None:
    handler = load_handler(settings.FILE_UPLOAD_HANDLERS[-1], RequestFactory().post("/upload"))
    handler.new_file("files", "evil.php", "text/plain", 4, None, None)
    handler.receive_data_chunk(b"data", 0)
    file = handler.file_complete(4)
    assert isinstance(file, TemporaryUploadedFile)
    with file:
        assert file.name == "evil.php"
        assert file.read() == b"data"
        place = Path(file.temporary_file_path())
        assert (place.suffix, "evil" in place.name) == (".upload", False)
