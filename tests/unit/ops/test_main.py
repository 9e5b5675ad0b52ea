import pytest
from skafu.ops.__main__ import COMMANDS, main


def test_a_command_gets_its_own_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    for command in COMMANDS:
        with pytest.raises(SystemExit) as ended:
            main([command, "--help"])
        assert ended.value.code == 0
        assert f"skafu.ops {command}" in capsys.readouterr().out


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["conquer"])
    assert ended.value.code == 2
    assert "conquer" in capsys.readouterr().err
