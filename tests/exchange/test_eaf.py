"""ELAN's documents: written so that pympi reads them back, read whatever a coder left in them."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pympi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom_fer.errors import ExchangeError
from classroom_fer.exchange.eaf import Annotation, ElanDocument, Media, Tier, eaf_bytes
from classroom_fer.exchange.eaf_reader import parse_eaf, read_eaf

DATE = datetime.datetime(2026, 3, 5, 9, 30, tzinfo=datetime.UTC)
DOCUMENT = ElanDocument(
    (
        Tier("Task", (Annotation(0.0, 85.0, "Zuhören & <Fragen>"), Annotation(85.0, 170.25, "=SUM(A1)"))),
        Tier("Coverage", (Annotation(0.0, 10.0, "0.82"),), participant="class"),
        Tier("Empty"),
    ),
    (Media("lesson.mp4"), Media("back of the room.mov", 1.5)),
)
CODED = """<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT AUTHOR="coder" DATE="2026-03-05T09:30:00+01:00" FORMAT="3.0" VERSION="3.0"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xsi:noNamespaceSchemaLocation="http://www.mpi.nl/tools/elan/EAFv3.0.xsd">
  <LICENSE LICENSE_URL=""/>
  <HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">
    <MEDIA_DESCRIPTOR MEDIA_URL="file:///C:/films/Lesson_A.mp4" MIME_TYPE="video/mp4" TIME_ORIGIN="2000"/>
  </HEADER>
  <TIME_ORDER>
    <TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="1000"/><TIME_SLOT TIME_SLOT_ID="ts2"/>
    <TIME_SLOT TIME_SLOT_ID="ts3" TIME_VALUE="5000"/>
  </TIME_ORDER>
  <TIER LINGUISTIC_TYPE_REF="default-lt" TIER_ID="activity">
    <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts3">
      <ANNOTATION_VALUE>reading</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
    <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a2" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2">
      <ANNOTATION_VALUE>open</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
  </TIER>
  <TIER LINGUISTIC_TYPE_REF="ref" PARENT_REF="activity" PARTICIPANT="T" TIER_ID="mode">
    <ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a3" ANNOTATION_REF="a1">
      <ANNOTATION_VALUE>desk</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>
    <ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a4" ANNOTATION_REF="a4">
      <ANNOTATION_VALUE>itself</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>
  </TIER>
  <LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="default-lt" TIME_ALIGNABLE="true"/>
</ANNOTATION_DOCUMENT>
"""
"""As ELAN 6 writes it: an annotation with an open end, and a tier whose annotations have the times of another's."""


def test_pympi_reads_back_every_tier_annotation_and_medium(tmp_path: Path) -> None:
    path = tmp_path / "lesson.eaf"
    path.write_bytes(eaf_bytes(DOCUMENT, DATE))
    there = pympi.Eaf(str(path))
    assert {name: sorted(there.get_annotation_data_for_tier(name)) for name in there.get_tier_names()} == {
        "Task": [(0, 85000, "Zuhören & <Fragen>"), (85000, 170250, "=SUM(A1)")],
        "Coverage": [(0, 10000, "0.82")],
        "Empty": [],
    }
    media = [(one["MEDIA_URL"], one["MIME_TYPE"], one.get("TIME_ORIGIN")) for one in there.media_descriptors]
    assert media == [
        ("file:///lesson.mp4", "video/mp4", None),
        ("file:///back of the room.mov", "video/quicktime", "1500"),
    ]
    assert there.adocument["DATE"] == "2026-03-05T09:30:00+00:00"


def test_what_is_written_is_read_again_and_is_the_same_every_time() -> None:
    assert parse_eaf(eaf_bytes(DOCUMENT, DATE), Path("x.eaf")) == DOCUMENT
    assert eaf_bytes(DOCUMENT, DATE) == eaf_bytes(DOCUMENT, DATE)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.lists(st.tuples(st.integers(1, 10**7), st.integers(0, 10**6), texts), max_size=5), texts)
def test_any_text_and_any_times_come_back(stretches: list[tuple[int, int, str]], name: str) -> None:
    at, made = 0, []
    for length, pause, text in stretches:
        made.append(Annotation((at + pause) / 1000, (at + pause + length) / 1000, text))
        at += pause + length
    (tier,) = parse_eaf(eaf_bytes(ElanDocument((Tier(f"t{name}", tuple(made)),)), DATE), Path("x.eaf")).tiers
    assert [(one.start_s, one.end_s) for one in tier.annotations] == [(one.start_s, one.end_s) for one in made]
    for one, before in zip(tier.annotations, made, strict=True):
        plain = before.text.replace("\r\n", "\n").replace("\r", "\n")  # what XML does to ends of lines
        kept = [a == b or b == "\N{REPLACEMENT CHARACTER}" for a, b in zip(plain, one.text, strict=True)]
        assert all(kept)


@pytest.mark.parametrize(
    "annotations",
    [
        (Annotation(1.0, 1.0004, "no millisecond long"),),
        (Annotation(-1.0, 1.0, "before the film"),),
        (Annotation(0.0, None, "open"),),
        (Annotation(0.0, 2.0, "one"), Annotation(1.0, 3.0, "at the same time")),
    ],
)
def test_what_elan_cannot_hold_is_not_written(annotations: tuple[Annotation, ...]) -> None:
    with pytest.raises(ValueError, match=annotations[-1].text):
        eaf_bytes(ElanDocument((Tier("t", annotations),)), DATE)


def test_a_coders_document_with_open_times_and_referring_tiers(tmp_path: Path) -> None:
    path = tmp_path / "coded.eaf"
    path.write_text(CODED, encoding="utf-8")
    assert read_eaf(path) == ElanDocument(
        (
            Tier("activity", (Annotation(1.0, 5.0, "reading"), Annotation(1.0, None, "open"))),
            Tier("mode", (Annotation(1.0, 5.0, "desk"), Annotation(None, None, "itself")), "T"),
        ),
        (Media("C:/films/Lesson_A.mp4", 2.0),),
        "coder",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CODED[:900], "cut off or damaged here"),
        (CODED.replace('"3.0"', '"4.0"'), "format 4.0"),
        (CODED.replace("milliseconds", "PAL-frames"), "'PAL-frames', not milliseconds"),
        (CODED.replace('"5000"', '"5 s"'), "time slot 'ts3': '5 s' is no number"),
        (re.sub("<TIME_SLOT .*/>", "", CODED), "annotations and no time slots"),
        (CODED.replace('"ts3" TIME_V', '"ts9" TIME_V'), "the time slot 'ts3' of an annotation is not there"),
        (CODED.replace('"2000"', '"2 s"'), "media 'C:/films/Lesson_A.mp4': '2 s' is no number"),
        ("<TEXTGRID/>", "no document of ELAN (it begins with <TEXTGRID>)"),
        ('<!DOCTYPE a [<!ENTITY b "c">]>' + CODED.split("?>")[1], "what no ELAN document holds"),
        (CODED.replace("UTF-8", "klingon"), "klingon"),
    ],
)
def test_a_document_that_cannot_be_read_is_one_error_with_file_and_remedy(text: str, said: str) -> None:
    with pytest.raises(ExchangeError) as caught:
        parse_eaf(text.encode(), Path("coded.eaf"))
    assert "coded.eaf" in str(caught.value) and said in f"{caught.value} {caught.value.__cause__}"
    assert "ELAN" in caught.value.hint
