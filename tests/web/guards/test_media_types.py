import pytest

from readings.web.guards.media_types import without_charset


@pytest.mark.parametrize(
    ("sent", "passed"),
    [
        (b"text/csv", b"text/csv"),
        (b"text/csv; charset=windows-1252", b"text/csv"),
        (b"text/csv; charset=hex; header=present", b"text/csv"),
        (b"multipart/form-data; boundary=x--1", b"multipart/form-data; boundary=x--1"),
        (b"multipart/form-data; charset=utf-16; boundary=x--1", b'multipart/form-data; boundary="x--1"'),
        (b"\xff/\xfe", b"\xff/\xfe"),
        (b"", b""),
    ],
)
def test_charset_of_a_content_type_is_left_out(sent: bytes, passed: bytes) -> None:
    others = [(b"host", b"localhost"), (b"x-charset", b"a; charset=utf-16")]
    assert without_charset([*others, (b"content-type", sent)]) == [*others, (b"content-type", passed)]


@pytest.mark.parametrize("sent", [b"a/b; charset*=foo''b", b"a/b; charset=utf-8; boundary*=utf-8''%22%0d"])
def test_content_type_that_is_not_understood_is_an_error(sent: bytes) -> None:
    with pytest.raises(ValueError, match=r"encoding|boundary"):
        without_charset([(b"content-type", sent)])
