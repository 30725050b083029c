"""A logo can do nothing but be drawn."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin
from report import printed, samples

from classroom_fer.errors import ReportError
from classroom_fer.report.logo import LARGEST_BYTES, read_logo
from classroom_fer.report.renderer import PdfRenderer
from classroom_fer.settings.report_style import ReportStyle

START = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 10 10">'
PLAIN = START + '<title>Owl</title><g id="a" fill="#246"><circle cx="5" cy="5" r="4"/></g><use href="#a"/></svg>'


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int = 4, height: int = 4, *extra: bytes) -> bytes:
    rows = b"".join(b"\0" + b"\x20\x40\x60" * width for _ in range(height))
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def pixels(data: bytes) -> tuple[tuple[int, int], bytes]:
    """Size and colours as they are drawn; 16-bit levels as they are."""
    with Image.open(io.BytesIO(data)) as picture:
        return picture.size, (picture if picture.mode == "I;16" else picture.convert("RGBA")).tobytes()


def chunks(data: bytes) -> set[bytes]:
    """Kinds of the chunks of a PNG."""
    kinds, at = set(), 8
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        kinds.add(kind)
        at += 12 + length
    return kinds


def written(folder: Path, data: bytes | str, name: str = "logo.svg") -> Path:
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    return folder / name


def test_a_plain_svg_is_written_anew(tmp_path: Path) -> None:
    data, kind = read_logo(written(tmp_path, PLAIN))
    assert kind == "image/svg+xml"
    assert b"circle" in data and b'href="#a"' in data and b'fill="#246"' in data


def test_what_editors_leave_behind_is_dropped(tmp_path: Path) -> None:
    text = PLAIN.replace(
        "<title>",
        '<!-- by me --><metadata><rdf:RDF xmlns:rdf="urn:r"/></metadata>'
        '<s:view xmlns:s="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd" s:zoom="3"/><title>',
    ).replace("<circle", '<circle xmlns:i="http://www.inkscape.org/namespaces/inkscape" i:label="C:\\me"')
    data, _ = read_logo(written(tmp_path, text))
    assert b"circle" in data
    assert not any(word in data for word in (b"by me", b"RDF", b"sodipodi", b"inkscape", b"zoom"))


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        ("<script>alert(1)</script>", "<script>"),
        ("<foreignObject><p>x</p></foreignObject>", "<foreignObject>"),
        ('<image href="https://example.org/a.png"/>', "<image>"),
        ('<image xlink:href="data:image/png;base64,AAAA"/>', "<image>"),
        ('<iframe xmlns="http://www.w3.org/1999/xhtml" src="https://example.org"/>', "<iframe>"),
        ('<rect onload="alert(1)" width="1"/>', "runs a script"),
        ('<rect ONCLICK="alert(1)" width="1"/>', "runs a script"),
        ('<use href="https://example.org/x.svg#a"/>', "leads out of the file"),
        ('<use xlink:href="file:///etc/passwd#a"/>', "leads out of the file"),
        ('<rect style="fill: url(https://example.org/a)"/>', "lead out of the file"),
        ('<rect fill="u\\72l(https://example.org/a)"/>', "escapes"),
        ("<rect fill=\"url( '//example.org/a' )\"/>", "lead out of the file"),
        ("<style>@import 'https://example.org/a.css';</style>", "load or run something"),
        ("<style>@font-face { src: url(x) }</style>", "load or run something"),
        ('<a href="javascript:alert(1)"><rect width="1"/></a>', "<a>"),
        ('<animate attributeName="href" to="x"/>', "<animate>"),
        ('<g id="b"><use href="#c"/></g><g id="c"><use href="#b"/></g>', "copies parts that hold copies"),
        ('<path id="p" d="M0 0"/>' + '<use href="#p"/>' * 101, "101 copies"),
        ("<g/>" * 5001, "elements"),
        ("<rect>", "line 1"),
    ],
)
def test_an_svg_that_could_act_or_look_elsewhere_is_refused(tmp_path: Path, inside: str, told: str) -> None:
    with pytest.raises(ReportError, match="this logo is refused") as caught:
        read_logo(written(tmp_path, START + inside + "</svg>"))
    assert told in str(caught.value) and str(tmp_path / "logo.svg") in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + START + "<text>&b;</text></svg>",
        '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + START + "<text>&x;</text></svg>",
        '<!DOCTYPE svg SYSTEM "https://example.org/svg.dtd">' + PLAIN,
        '<svg viewBox="0 0 1 1"><rect width="1"/></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg"><rect width="1"/></svg>',
        "not a picture",
        "GIF89a",
    ],
)
def test_entities_document_types_and_other_files_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ReportError, match="refused"):
        read_logo(written(tmp_path, text))


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="bytes; at most"):
        read_logo(written(tmp_path, b" " * (LARGEST_BYTES + 1)))


@given(st.binary(max_size=300))
@settings(max_examples=60)
def test_any_bytes_are_either_a_checked_logo_or_a_plain_error(data: bytes) -> None:
    import tempfile

    for start in (b"", b"<svg ", b"\x89PNG\r\n\x1a\n", png()[:40]):
        with tempfile.TemporaryDirectory() as folder:
            try:
                read_logo(written(Path(folder), start + data))
            except ReportError as error:
                assert error.hint


def test_a_png_keeps_its_picture_and_loses_the_rest(tmp_path: Path) -> None:
    secret = chunk(b"tEXt", b"Author\0somebody"), chunk(b"eXIf", b"MM\0*GPS")
    data, kind = read_logo(written(tmp_path, png(4, 4, *secret) + b"hidden behind the end", "logo.png"))
    assert kind == "image/png" and pixels(data) == pixels(png())
    assert chunks(data) <= {b"IHDR", b"IDAT", b"IEND"}
    assert not any(word in data for word in (b"somebody", b"GPS", b"hidden"))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("transparent", [False, True])
def test_a_png_of_every_kind_is_drawn_as_before_without_profile_text_and_place(
    tmp_path: Path, mode: str, transparent: bool
) -> None:
    if transparent and mode in ("LA", "RGBA"):
        pytest.skip("these have an alpha channel already")
    picture = Image.effect_noise((40, 30), 90).convert("RGBA" if mode in ("LA", "RGBA") else "RGB")
    if mode in ("LA", "RGBA"):
        picture.putalpha(Image.linear_gradient("L").resize((40, 30)))
    picture = Image.new(mode, (40, 30), 40_000) if mode == "I;16" else picture.convert(mode)
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "somebody")
    more = {"transparency": (0, 0, 0) if mode == "RGB" else 0} if transparent else {}
    file = io.BytesIO()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture.save(file, "PNG", pnginfo=notes, icc_profile=profile, dpi=(300, 300), **more)
    assert {b"iCCP", b"tEXt", b"pHYs"} <= chunks(file.getvalue())
    data, _ = read_logo(written(tmp_path, file.getvalue(), "logo.png"))
    assert pixels(data) == pixels(file.getvalue())
    assert chunks(data) <= {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}


def test_a_text_that_unpacks_to_gigabytes_is_refused_or_dropped(tmp_path: Path) -> None:
    bomb = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b" " * 50_000_000))
    try:
        data, _ = read_logo(written(tmp_path, png(4, 4, bomb), "logo.png"))
    except ReportError as error:
        assert error.hint
    else:
        assert b"zTXt" not in chunks(data)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (png()[:-20], "cut off"),
        (png().replace(b"IDAT", b"IDAU"), "damaged"),
        (png(3000, 1), "3000 x 1 pixels"),
        (b"\x89PNG\r\n\x1a\n" + chunk(b"IEND", b""), "no picture"),
    ],
)
def test_a_broken_or_huge_png_is_refused(tmp_path: Path, data: bytes, told: str) -> None:
    with pytest.raises(ReportError, match=told):
        read_logo(written(tmp_path, data, "logo.png"))


def test_a_missing_logo_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"nowhere\.svg: the logo cannot be read"):
        read_logo(tmp_path / "nowhere.svg")


@pytest.mark.parametrize(("name", "data"), [("logo.svg", PLAIN.encode()), ("logo.png", png())])
def test_school_and_logo_stand_in_the_head_with_an_alternative_text(tmp_path: Path, name: str, data: bytes) -> None:
    mine = PdfRenderer(ReportStyle(school="École <b>Nord</b>", logo=written(tmp_path, data, name)))
    page = mine.render_html(*samples.no_faces())
    assert "École &lt;b&gt;Nord&lt;/b&gt;" in page and str(tmp_path) not in page
    with pikepdf.open(io.BytesIO(mine.pdf(page))) as pdf:
        figures = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure"]
        assert [str(figure.Alt) for figure in figures] == ["Logo of École <b>Nord</b>"]
    assert printed.page("no_faces") != page
