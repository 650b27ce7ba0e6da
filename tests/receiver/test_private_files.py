"""What is at rest is readable by the service's user alone."""

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from receiver.config import Config, keep_private
from receiver.errors import Misconfigured


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_others_could_read_is_made_private_and_said(config: Config) -> None:
    files = [config.data_dir / name for name in ("secret.key", "monitr.sqlite3-wal")]
    if config.database_url.startswith("sqlite"):
        files.append(config.data_dir / "monitr.sqlite3")
    else:
        del files[1]
    for path in files:
        path.touch()
        path.chmod(0o644)
    config.data_dir.chmod(0o755)

    said = keep_private(config)

    assert mode_of(config.data_dir) == 0o700
    assert {mode_of(path) for path in files} == {0o600}
    assert all(any(str(path) in each for each in said) for path in (*files, config.data_dir))
    assert keep_private(config) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_embedded_database_is_never_anybody_elses(config: Config) -> None:
    path = config.data_dir / "monitr.sqlite3"
    path.unlink()
    previous = os.umask(0)
    try:
        keep_private(config)
    finally:
        os.umask(previous)

    assert mode_of(path) == 0o600


def test_a_folder_that_is_not_used_is_left_alone(config: Config, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    other.chmod(0o755)

    keep_private(replace(config, data_dir=other))

    assert mode_of(other) == 0o755


def test_a_folder_that_all_share_is_refused(config: Config) -> None:
    (config.data_dir / "secret.key").touch()
    config.data_dir.chmod(0o1777)

    with pytest.raises(Misconfigured, match="that all users share"):
        keep_private(config)

    assert mode_of(config.data_dir) == 0o1777


def test_what_this_user_may_not_change_is_refused(config: Config) -> None:
    with pytest.raises(Misconfigured, match="may not change that"):
        keep_private(replace(config, database_url="sqlite:////proc/self/status"))
