import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classroom_fer.errors import FetchError
from classroom_fer.pictures.web_address import WebAddress, is_public, is_web_address, parse_web_address

NOT_PUBLIC = {
    "loopback": ["127.0.0.1", "127.1.2.3", "::1"],
    "unspecified": ["0.0.0.0", "0.1.2.3", "::"],
    "private": ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fd00:ec2::254", "fc00::1"],
    "link-local, where clouds keep their secrets": ["169.254.169.254", "fe80::1", "fe80::1%eth0"],
    "shared by carriers": ["100.64.0.1", "100.100.100.200"],
    "reserved and for documents": ["192.0.2.1", "198.18.0.1", "240.0.0.1", "255.255.255.255", "2001:db8::1", "100::1"],
    "multicast": ["224.0.0.1", "239.255.255.250", "ff02::1", "ff0e::1"],
    "site-local": ["fec0::1"],
    "IPv4 inside IPv6": [
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::ffff:0:10.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:c0a8:101::1", "2001:0:4136:e378:8000:63bf:f5ff:fffe",
        "64:ff9b:1::1",
    ],
    "no address at all": ["", "localhost", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "1.2.3.4/8"],
}  # fmt: skip


@pytest.mark.parametrize("address", [a for group in NOT_PUBLIC.values() for a in group])
def test_what_is_not_on_the_public_internet_is_refused(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "8.8.8.8", "2606:4700::6810:84e5", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_addresses_are_accepted(address):
    assert is_public(address)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("http://example.org", ("http", "example.org", 80, "/")),
        ("HTTPS://Example.ORG:8443/a/b.jpg?x=1&y=%20#part", ("https", "example.org", 8443, "/a/b.jpg?x=1&y=%20")),
        ("https://bücher.example/gruß.jpg", ("https", "xn--bcher-kva.example", 443, "/gru%C3%9F.jpg")),
        ("https://STRAẞE.example/", ("https", "xn--strae-oqa.example", 443, "/")),  # not strasse: another's name
        ("https://βόλος.example/", ("https", "xn--nxasmm1c.example", 443, "/")),
        ("https://نامه‌ای.example/", ("https", "xn--mgba3gch31f060k.example", 443, "/")),
        ("https://日本語。jp/", ("https", "xn--wgv71a119e.jp", 443, "/")),
        ("https://straße.de/", ("https", "xn--strae-oqa.de", 443, "/")),  # not strasse.de, which is another host
        ("https://faß.de", ("https", "xn--fa-hia.de", 443, "/")),
        ("https://BÜCHER。example/", ("https", "xn--bcher-kva.example", 443, "/")),
        ("https://ｅｘａｍｐｌｅ.org/", ("https", "example.org", 443, "/")),
        ("http://１２７.0.0.1/", ("http", "127.0.0.1", 80, "/")),  # refused later, by the address that it stands for
        ("http://[2606:4700::1]:8080/", ("http", "2606:4700::1", 8080, "/")),
        ("http://2130706433/", ("http", "2130706433", 80, "/")),  # refused later, by the address that it stands for
    ],
)
def test_an_address_is_taken_apart(text, parts):
    assert parse_web_address(text) == WebAddress(*parts)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("ftp://example.org/a.jpg", "only http and https"),
        ("file:///etc/passwd", "only http and https"),
        ("gopher://example.org/", "only http and https"),
        ("http://", "no host"),
        ("http:///a.jpg", "no host"),
        ("http://exa mple.org/", "space"),
        ("http://example.org\\@127.0.0.1/", "backslash"),
        ("http://example.org/\r\nHost: 127.0.0.1", "control character"),
        ("http://example.org:0/", "port 0"),
        ("http://example.org:25/", "port 25"),
        ("http://example.org:99999/", "not an address"),
        ("http://example.org:x/", "not an address"),
        ("http://[::1/", "not an address"),
        ("http://[zz::1]/", "not an"),
        ("http://[fe80::1%25eth0]/", "own network"),
        ("http://[fe80::1%eth0]/", "own network"),
        ("http://a..b.example%00.org/", "host"),
        ("http://-x-/", "host"),
        ("http://" + "ä" * 300 + "/", "host"),
        ("https://☕.example/", "the host's name cannot be looked up"),  # IDNA 2008 has no emoji
        ("https://i❤.example/", "the host's name cannot be looked up"),
        ("https://a\u200db.example/", "the host's name cannot be looked up"),
        ("https://ä..example/", "the host's name cannot be looked up"),
    ],
)
def test_what_cannot_be_asked_is_explained(text, word):
    with pytest.raises(FetchError) as caught:
        parse_web_address(text)
    assert word in str(caught.value)
    assert caught.value.hint


def test_a_password_in_an_address_is_refused_and_not_repeated():
    with pytest.raises(FetchError) as caught:
        parse_web_address("https://anna:secret@example.org/a.jpg")
    assert "secret" not in str(caught.value) + caught.value.hint


def test_full_width_digits_end_as_the_address_that_they_look_like():
    assert parse_web_address("http://１２７.０.０.１/").host == "127.0.0.1"


@settings(max_examples=50)
@given(st.text(max_size=60))
def test_any_text_is_taken_apart_or_explained(text):
    for candidate in (text, f"http://{text}", f"https://example.org/{text}"):
        try:
            where = parse_web_address(candidate)
        except FetchError as error:
            assert error.hint
        else:
            assert where.host.isascii()
            assert where.target.isascii()
            assert where.target.startswith("/")
            assert not set(where.target + where.host) & set("\r\n\t \\")


@given(st.ip_addresses())
def test_an_address_is_judged_like_its_mapped_twin(address):
    assert not (is_public(str(address)) and (address.is_private or address.is_loopback or address.is_link_local))
    if address.version == 4:
        assert is_public(f"::ffff:{address}") == is_public(str(address))


def test_files_are_not_mistaken_for_addresses():
    assert not any(map(is_web_address, ["a.jpg", "./http/a.jpg", "C:\\a.jpg", "c://a.jpg", "/tmp/x", "http.jpg", ""]))
