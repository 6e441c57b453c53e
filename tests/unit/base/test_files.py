"""A file is written whole or not at all."""

import os

import pytest

from riskdec._base.files import replacing


def write_half(stream, stop):
    stream.write(b"half of the ne")
    raise stop


def test_replacing_puts_the_new_content_in_place(tmp_path):
    target = tmp_path / "a.txt"
    target.write_bytes(b"old")
    with replacing(target) as stream:
        stream.write(b"new")
        assert target.read_bytes() == b"old"
    assert target.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("stop", [RuntimeError, KeyboardInterrupt])
def test_replacing_keeps_the_old_file_when_stopped(tmp_path, stop):
    target = tmp_path / "a.txt"
    target.write_bytes(b"old")
    with pytest.raises(stop), replacing(target) as stream:
        write_half(stream, stop)
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_replacing_follows_the_umask(tmp_path):
    with replacing(tmp_path / "a") as stream:
        stream.write(b"")
    (tmp_path / "b").write_bytes(b"")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


def test_replacing_keeps_a_link_and_replaces_what_it_points_to(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to(target)
    with replacing(link) as stream:
        stream.write(b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_replacing_refuses_a_folder(tmp_path):
    with pytest.raises(FileExistsError, match="a regular file or a free name"), replacing(tmp_path):
        pass


def test_replacing_names_the_path_asked_for_when_the_folder_is_missing(tmp_path):
    path = tmp_path / "nowhere" / "a"
    with pytest.raises(FileNotFoundError) as found, replacing(path):
        pass
    assert found.value.filename == str(path)
    assert str(found.value).endswith(f"{str(path)!r}")
