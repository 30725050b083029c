import dataclasses
from pathlib import Path

import pytest

from classroom_fer.errors import ConfigError
from classroom_fer.lesson.records import Declaration
from classroom_fer.lesson.regions import Region
from classroom_fer.settings.config import Config, default_config, load_config
from classroom_fer.settings.report_style import ReportStyle


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


def test_an_own_set_of_weights_can_be_chosen(tmp_path: Path) -> None:
    table = ", ".join(f"{e} = {i}" for i, e in enumerate(
        "neutral happiness surprise sadness anger disgust fear contempt".split()))  # fmt: skip
    path = tmp_path / "c.toml"
    path.write_text(f"[weight_sets]\nmine = {{ {table} }}\n")
    assert load_config(path, {"weights": "mine"}).rules.weights() == tuple(range(8))


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("fsp = 1", "unknown setting 'fsp'", "did you mean fps?"),
        ("[rules.evidence]\nmin_grup = 1", "unknown setting 'rules.evidence.min_grup'", "rules.evidence.min_group"),
        ("fps = 'x'", "fps = 'x' is not a number", ""),
        ("fps = 0", "fps = 0 is too small", "at least 0.05 samples/s"),
        ("min_face = 20.5", "min_face = 20.5 is not a whole number", ""),
        ("fps = true", "fps = True is not a number", ""),
        ("fps = '2'", "fps = '2' is not a number", ""),
        ("weight_set = 'sharma2018'", "weight_set = 'sharma2018' is no set of weights", "did you mean sharma2019?"),
        ("weight_set = 'mine'", "weight_set = 'mine' is no set of weights", "known: sharma2019, flat"),
        ("profile = 'flat'", "profile at the top of a settings file is now called weight_set", "rename"),
        ("[profiles]\nmine = {}", "profiles at the top of a settings file is now called weight_sets", "rename"),
        ("[rules.poses]\ndown = 3", "unknown setting 'rules.poses'", "did you mean rules.pose?"),
        ("[rules]\npose = 3", "rules.pose = 3 is not a table", "write [rules.pose]"),
        ("rules = 3", "rules must be a table", ""),
        ("fps = ", "c.toml", "toml.io"),
        ("[weight_sets]\nbad = { neutral = 1 }", "exactly these eight keys", ""),
        ("[weight_sets]\nflat = { neutral = 'x' }", "weight_sets.flat.neutral = 'x' is not a number", ""),
        ("weight_sets.mine = 3", "weight_sets.mine = 3 is not a table", ""),
        ("[rules.compare]\nalphas = ['x']", "alphas = 'x' is not numbers", ""),
        ("[rules.compare]\nalphas = [2]", "alphas must be a list of numbers between 0 and 1", "alphas = ["),
        ("[rules.compare]\nlevel = 1.5", "rules.compare.level = 1.5 is too large", "at most 0.999"),
        ("[rules.pose]\nyaw_full = 50", "yaw_full = 50 must be below rules.pose.yaw_zero = 45", "lower yaw_full"),
        ("[rules.evidence]\nc_min = -3", "c_min = -3 is too small", "at least 0"),
        ("[rules.evidence]\nc_min = 0.5", "c_min = 0.5 must be below rules.evidence.c_b = 0.4", ""),
        ("[rules.bins]\nmin_pose = 0", "min_pose = 0 is too small", "at least 1"),
        ("end_s = nan", "end_s = nan is not a number", ""),
        ("start_s = 10\nend_s = 5", "not after the start", "swap"),
        ("weight_set = 'teacher'", "weight_set = 'teacher' is no set", "below [policy]"),
        ("[policy]\nprofile = 'presense'", "profile = 'presense' is not known", "did you mean presence?"),
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
    seldom = dataclasses.replace(config.rules, looks=dataclasses.replace(config.rules.looks, whole_every_s=45))
    rarely_whole = dataclasses.replace(config, rules=seldom)
    assert rarely_whole.observation_sha256() != config.observation_sha256()
    mtcnn = dataclasses.replace(config, detector="mtcnn")
    assert dataclasses.replace(mtcnn, rules=seldom).observation_sha256() == mtcnn.observation_sha256()
    other = dataclasses.replace(config, rules=dataclasses.replace(config.rules, weight_set="flat"))
    assert other.observation_sha256() == config.observation_sha256()
    assert other.settings_sha256() != config.settings_sha256()
    for change in ({"threads": 3}, {"retention_days": 1}, {"report_style": ReportStyle(lang="de")}):
        assert dataclasses.replace(config, **change).settings_sha256() == config.settings_sha256()


def test_the_names_of_face_rows_that_were_stored_are_found_again() -> None:
    """Of OBSERVATION_VERSION 4. Where one differs, every film is analysed anew: only with a new version."""
    hashes = {
        "2b3e3193c631428a9bd7dcc415c245970a1fff3dd4bc9eb3abf970dbe05c1a28": {},
        "7a93e0284d59c026c548a09eceadefa6a696e3a89d821ca103880955f9462bf3": {"profile": "presence"},
        "be847a13f062ea2366d97a97f80ab1af04a1395173fc79b5e8ca5b0593630135": {
            "fps": 2.0, "min_face": 30, "start_s": 10.0, "end_s": 70.0,
        },
    }  # fmt: skip
    assert {load_config(None, flags).observation_sha256(): flags for flags in hashes.values()} == hashes


def test_a_mistake_names_the_file_only_if_it_is_the_files(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"c\.toml: fps = 0 "):
        load(tmp_path, "fps = 0", fps=1.0)
    with pytest.raises(ConfigError, match=r"^fps = 99\.0 "):
        load(tmp_path, "fps = 2", fps=99.0)


def test_every_copy_of_a_config_is_checked() -> None:
    with pytest.raises(ConfigError, match="fps = 0 is too small"):
        dataclasses.replace(default_config(), fps=0)


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
    assert config.declaration == Declaration("CH", "education", "Which tasks need a pause?", "consent", "DPIA-7")
    assert config.profile == "teacher"
    assert default_config().declaration == Declaration()
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
