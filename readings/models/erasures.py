"""Erasures of meter points on request: keyed digests of identifiers, and contents whose bytes were rewritten."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.db import models
from django.utils.crypto import salted_hmac

from readings.models.files import FlowFile
from readings.models.plain import rows

if TYPE_CHECKING:
    from readings.models.trail import Trail


class ErasedMeterPoint(models.Model):
    """A meter point whose data was erased; later statements about it are set aside.

    The digest needs SECRET_KEY: without the key nobody can try all identifiers.
    """

    digest = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()
    by_whom = models.CharField(max_length=150)

    class Meta:
        default_permissions = ()  # Nobody needs to view it.

    def __str__(self) -> str:
        return self.digest[:12]


class RewrittenContent(models.Model):
    """A content that another one replaced because it held data of an erased meter point.

    If the original arrives again, it is a duplicate of the flow file. Without a file below our folders, nothing was
    rewritten: the original is still the content of the flow file.
    """

    old_sha256 = models.CharField(max_length=64)
    #: Digest of the subject that the original file name stated; empty if it stated none.
    old_subject = models.CharField(max_length=64, default="", blank=True)
    flow_file = models.ForeignKey(FlowFile, models.PROTECT, related_name="rewritings")
    #: Time at which the files were rewritten; empty if some still have to be.
    at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()  # Nobody needs to view it.
        constraints = (
            models.UniqueConstraint(fields=("old_sha256", "old_subject"), name="a_content_is_rewritten_once"),
        )

    def __str__(self) -> str:
        return self.old_sha256[:12]


def digester() -> Callable[[str, str], str]:
    """Return a function that is `digest_of` for many meter points: it derives the key once."""
    beginning = salted_hmac("readings.erasure", "", algorithm="sha256")

    def digest(scheme: str, identifier: str) -> str:
        hashed = beginning.copy()
        hashed.update(f"{scheme}\t{identifier}".encode("utf-8", "surrogateescape"))
        return hashed.hexdigest()

    return digest


def digest_of(scheme: str, identifier: str) -> str:
    """Return the keyed digest under which an erased meter point is remembered."""
    return digester()(scheme, identifier)


def digest_of_subject(subject: str) -> str:
    """Return the keyed digest of the subject of a file name; empty if it states none."""
    return digest_of("", subject) if subject else ""


def find_rewritten(sha256: str, subject: str) -> FlowFile | None:
    """Return the flow file that took the place of a content, or None."""
    sql = "SELECT flow_file_id FROM readings_rewrittencontent WHERE old_sha256 = %s AND old_subject = %s"
    found = rows.first(sql, (sha256, digest_of_subject(subject)))
    return FlowFile.objects.get(pk=found[0]) if found else None


def without_erased(entries: list[Trail]) -> list[Trail]:
    """Return entries with digests in the place of meter points that were erased since they were made."""
    digest = digester()
    digests = {digest(each.scheme, each.identifier): each.identifier for each in entries if each.identifier}
    erased = ErasedMeterPoint.objects.filter(digest__in=digests).values_list("digest", flat=True)
    new = {digests[found]: found for found in erased}
    for each in entries:
        each.identifier = new.get(each.identifier, each.identifier)
    return entries


def is_rewritten(flow_file: FlowFile, sha256: str) -> bool:
    """Return whether a content was rewritten, or awaits it, or was read elsewhere as it is."""
    sql = "SELECT 1 FROM readings_rewrittencontent WHERE flow_file_id = %s AND old_sha256 = %s LIMIT 1"
    return sha256 != flow_file.sha256 or rows.first(sql, (flow_file.pk, sha256)) is not None


def await_rewriting(flow_file: FlowFile, sha256: str, subject: str) -> None:
    """Store that the files with a content have to be rewritten."""
    RewrittenContent.objects.update_or_create(
        old_sha256=sha256,
        old_subject=digest_of_subject(subject),
        defaults={"flow_file": flow_file, "at": None},
    )
