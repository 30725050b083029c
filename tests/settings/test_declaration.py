"""What may run where (S2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom_fer.errors import ConfigError, PolicyError
from classroom_fer.lesson.records import PROFILES, Declaration
from classroom_fer.settings import declaration as rules

STATES = {
    "AT": "Austria", "BE": "Belgique", "BG": "България", "HR": "Hrvatska", "CY": "Κύπρος", "CZ": "Czech Republic",
    "DK": "Danmark", "EE": "Eesti", "FI": "Suomi", "FR": "France", "DE": "deutschland", "GR": "EL",
    "HU": "Magyarország", "IE": "Éire",
    "IT": "Italia", "LV": "Latvija", "LT": "Lietuva", "LU": "Luxemburg", "MT": "Malta",
    "NL": "The Netherlands", "PL": "POLSKA", "PT": "Portugal", "RO": "Romania", "SK": "Slovensko", "SI": "Slovenija",
    "ES": "Espana", "SE": "Sverige", "IS": "Ísland", "LI": "Liechtenstein", "NO": "Norge",
}  # fmt: skip


@pytest.mark.parametrize(("code", "name"), STATES.items())
def test_every_state_of_the_eu_and_eea_is_known_by_code_and_by_its_own_name(code: str, name: str) -> None:
    for text in (code, code.lower(), name):
        found = rules.make_declaration({"jurisdiction": text, "setting": "school"})
        assert (found.jurisdiction, found.setting) == (code, "education")
        with pytest.raises(PolicyError):
            rules.check_allowed(found, "research")


def test_the_list_is_complete() -> None:
    assert len(rules.EU) == 27
    assert set(STATES) == rules.EEA


@pytest.mark.parametrize(
    "text",
    [
        "EU",
        "European Union",
        "EEA",
        "DE-BY",
        "RE",
        "Canarias",
        "Ceuta & Melilla",
        "Germany",
        "Allemagne",
        "德国",
        "ألمانيا",
    ],
)
def test_the_union_its_regions_and_other_languages_count(text: str) -> None:
    assert rules.is_banned(rules.make_declaration({"jurisdiction": text, "setting": "教育"}))


@pytest.mark.parametrize("text", ["CH", "United States", "UK", "JP", "Norfolk Island", "Brasil"])
def test_elsewhere_every_profile_runs(text: str) -> None:
    found = rules.make_declaration({"jurisdiction": text, "setting": "education"})
    for profile in PROFILES:
        rules.check_allowed(found, profile)


@pytest.mark.parametrize("text", ["Germny", "D E", "XX", "12", "DE; CH", "Atlantis", "\u202eED"])
def test_a_country_that_is_not_known_is_never_taken_as_elsewhere(text: str) -> None:
    with pytest.raises(ConfigError, match="is no country"):
        rules.make_declaration({"jurisdiction": text, "setting": "education"})


@pytest.mark.parametrize(
    ("text", "found"),
    [("School", "education"), ("Primary  school", "education"), ("ÉCOLE", "education"), ("Universität", "education"),
     ("lab", "laboratory"), ("office", "workplace"), ("museum", "other"), ("学校", "education")],
)  # fmt: skip
def test_settings_have_synonyms(text: str, found: str) -> None:
    assert rules.find_setting(text) == found


def test_only_presence_runs_where_the_law_bans_inferring_emotions() -> None:
    for setting in ("education", "workplace"):
        declared = Declaration(jurisdiction="NO", setting=setting)
        rules.check_allowed(declared, "presence")
        for profile in ("research", "teacher"):
            with pytest.raises(PolicyError) as caught:
                rules.check_allowed(declared, profile)
            assert "Article 5(1)(f)" in str(caught.value)
            assert "to infer emotions of a natural person in the areas of workplace and education institutions" in str(
                caught.value
            )
            assert "--profile presence" in caught.value.hint
            assert caught.value.exit_code == 4
    for setting in ("laboratory", "other"):
        rules.check_allowed(Declaration(jurisdiction="NO", setting=setting), "research")


def test_nothing_declared_runs() -> None:
    for profile in PROFILES:
        rules.check_allowed(Declaration(), profile)
    assert rules.declared(Declaration()) == ()


@given(st.text(), st.text(), st.text())
def test_any_text_is_either_declared_or_explained(country: str, setting: str, purpose: str) -> None:
    try:
        found = rules.make_declaration({"jurisdiction": country, "setting": setting, "purpose": purpose})
    except ConfigError as error:
        assert error.hint
    else:
        assert found.purpose is None or found.purpose == " ".join(purpose.split())


def test_forbidden_uses_are_said_in_the_licence_notice_and_in_help() -> None:
    """S13; the PDF's own is checked by its renderer, which refuses templates that leave it out."""
    from command import ROOT
    from in_process import invoke

    words = ("grading", "discipline", "ranking", "identif", "diagnos", "apprais", "alerts")
    for text in ((ROOT / "NOTICE").read_text(), invoke(ROOT, "--help").stdout):
        assert [word for word in words if word not in text] == []
    for word in words[:6]:
        assert word in invoke(ROOT, "analyze", "--help").stdout
