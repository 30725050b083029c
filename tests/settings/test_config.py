import dataclasses
from pathlib import Path

import pytest

from classroom_fer.errors import ConfigError
from classroom_fer.lesson.records import Policy
from classroom_fer.lesson.regions import Region
from classroom_fer.settings.config import Config, default_config, load_config


def load(folder: Path, text: str, **flags: object) -> Config:
    path = folder / "c.toml"
    path.write_text(text)
    return load_config(path, flags)


def test_command_line_beats_file_beats_defaults(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text("fps = 2\nmin_face = 30\n[rules.evidence]\nmin_group = 7\n")
    config = load_config(path, {"fps": 0.5, "min_face": None})
    assert (config.fps, config.min_face, config.rules.evidence.min_group) == (0.5, 30, 7)
    assert config.rules.pose == default_config().rules.pose


def test_an_own_weight_profile_can_be_chosen(tmp_path: Path) -> None:
    table = ", ".join(f"{e} = {i}" for i, e in enumerate(
        "neutral happiness surprise sadness anger disgust fear contempt".split()))  # fmt: skip
    path = tmp_path / "c.toml"
    path.write_text(f"[profiles]\nmine = {{ {table} }}\n")
    assert load_config(path, {"weights": "mine"}).rules.weights() == tuple(range(8))


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("fsp = 1", "unknown setting 'fsp'", "did you mean fps?"),
        ("[rules.evidence]\nmin_grup = 1", "unknown setting 'rules.evidence.min_grup'", "rules.evidence.min_group"),
        ("fps = 'x'", "fps must be a number", ""),
        ("fps = 0", "fps must lie between", ""),
        ("min_face = 20.5", "min_face must be a whole number", ""),
        ("profile = 'sharma2018'", "unknown weight profile", "sharma2019"),
        ("rules = 3", "rules must be a table", ""),
        ("fps = ", "c.toml", "toml.io"),
        ("[profiles]\nbad = { neutral = 1 }", "exactly these eight keys", ""),
        ("[rules.compare]\nalphas = ['x']", "alphas must be a list of numbers", ""),
        ("[rules.compare]\nlevel = 1.5", "rules.compare.level must lie between", ""),
        ("[rules.pose]\nyaw_full = 50", "yaw_full must be below rules.pose.yaw_zero", ""),
        ("[rules.evidence]\nc_min = -3", "c_min must lie between", ""),
        ("[rules.bins]\nmin_pose = 0", "min_pose must lie between", ""),
        ("end_s = nan", "end_s must be", ""),
        ("start_s = 10\nend_s = 5", "not after the start", "swap"),
        ("profile = 'teacher'", "unknown weight profile", "below [policy]"),
        ("[policy]\nprofile = 'presense'", "unknown profile 'presense'", "did you mean presence?"),
        ("[policy]\njurisdicton = 'DE'", "unknown setting 'policy.jurisdicton'", "policy.jurisdiction"),
        ("[policy]\njurisdiction = 'DE'", "policy.jurisdiction is declared and policy.setting is not", "add setting"),
        ("[policy]\njurisdiction = 'Germny'\nsetting = 'education'", "'Germny' is no country", "did you mean DE"),
        ("[policy]\njurisdiction = 'DE'\nsetting = 'scool'", "'scool' is no setting", "did you mean education?"),
        ("[policy]\npurpose = 3", "policy.purpose must be text", "quotes"),
        (f"[policy]\npurpose = '{'x' * 501}'", "has 501 characters", "500"),
        ("policy = 'DE'", "policy must be a table", "[policy]"),
        ("regions = 3", "regions must be a file's name", "regions.json"),
    ],
)
def test_a_wrong_setting_is_named_with_its_remedy(tmp_path: Path, text: str, message: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert message in str(caught.value)
    assert hint in caught.value.hint
    assert caught.value.exit_code == 2


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such config file"):
        load_config(tmp_path / "none.toml", {})


def test_only_settings_that_change_face_rows_change_the_observation_hash() -> None:
    config = default_config()
    for change in ({"fps": 2.0}, {"min_face": 30}, {"chunk_s": 60.0}, {"end_s": 10.0}):
        assert dataclasses.replace(config, **change).observation_sha256() != config.observation_sha256()
    other = dataclasses.replace(config, rules=dataclasses.replace(config.rules, profile="flat"), retention_days=1)
    assert other.observation_sha256() == config.observation_sha256()
    assert other.settings_sha256() != config.settings_sha256()
    assert dataclasses.replace(config, threads=3).settings_sha256() == config.settings_sha256()


def test_a_stored_session_gives_its_settings_back() -> None:
    changed = load_config(None, {"fps": 2.0, "weights": "flat", "end_s": 70.0})
    assert load_config(None, {}, stored=changed.as_dict()) == changed
    assert load_config(None, {"weights": "sharma2019"}, stored=changed.as_dict()).fps == 2.0


DECLARED = """
[policy]
jurisdiction = "Schweiz"
setting = "Schule"
purpose = "Which tasks need a pause?"
legal_basis = "consent"
dpia = "DPIA-7"
profile = "teacher"
"""


def test_a_declaration_is_read_with_country_and_setting_in_one_spelling(tmp_path: Path) -> None:
    config = load(tmp_path, DECLARED)
    assert config.policy == Policy("CH", "education", "Which tasks need a pause?", "consent", "DPIA-7")
    assert config.profile == "teacher"
    assert default_config().policy == Policy()
    assert default_config().profile == "research"


def test_the_profile_flag_beats_the_file(tmp_path: Path) -> None:
    assert load(tmp_path, DECLARED, profile="presence").profile == "presence"


def test_a_declaration_changes_no_hash_and_a_profile_that_infers_nothing_does(tmp_path: Path) -> None:
    plain, told = default_config(), load(tmp_path, DECLARED.replace("teacher", "research"))
    assert told.settings_sha256() == plain.settings_sha256()
    teacher, presence = (dataclasses.replace(plain, profile=name) for name in ("teacher", "presence"))
    assert teacher.observation_sha256() == plain.observation_sha256() != presence.observation_sha256()
    assert len({c.settings_sha256() for c in (plain, teacher, presence)}) == 3


def test_regions_are_read_beside_the_config_file_and_change_the_observation(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text('{"regions": [{"points": [[0, 0], [0.5, 0], [0, 0.5]], "start": "1:00"}]}')
    config = load(tmp_path, 'regions = "r.json"')
    assert config.regions == (Region(((0, 0), (0.5, 0), (0, 0.5)), "fraction", 60.0, None),)
    assert config.observation_sha256() != default_config().observation_sha256()
    assert load_config(None, {"regions": tmp_path / "r.json"}) == config
    assert load_config(None, {}, stored=config.as_dict()) == config
