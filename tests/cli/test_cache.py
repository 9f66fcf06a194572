"""cache: only what simlab made is removed."""

from pathlib import Path

import pytest

from simlab.cli import main


def test_shows_and_clears_its_own_folders_only(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMLAB_CACHE_DIR", str(tmp_path))
    for place in ("kernels/a/b.nbi", "results/one.json", "index/one.json", "other.txt"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text("12345678")
    for arguments, kept in (
        (["cache"], {"kernels", "results", "index", "other.txt"}),
        (["cache", "clear", "--kernels"], {"results", "index", "other.txt"}),
        (["cache", "clear"], {"other.txt"}),
        (["cache", "clear"], {"other.txt"}),
        (["cache", "show"], {"other.txt"}),
    ):
        with pytest.raises(SystemExit) as left:
            main(arguments)
        assert left.value.code == 0
        assert {path.name for path in tmp_path.iterdir()} == kept
    assert "compiled kernels: 1 files" in capsys.readouterr().out
