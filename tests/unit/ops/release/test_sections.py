"""What cannot be undone is red, at a terminal and in a comment."""

from skafu.ops.release.sections import PLAIN, RED, Section, as_markdown, as_text

FOUND = [Section("Gone", ["T"], is_grave=True), Section("Empty", []), Section("New", ["Q", "R"])]


def test_sections_without_lines_are_left_out() -> None:
    assert as_text(FOUND, coloured=False) == "Gone\n  T\n\nNew\n  Q\n  R"
    assert "Empty" not in as_markdown("All", FOUND)


def test_at_a_terminal_what_is_grave_is_red_and_nothing_else() -> None:
    said = as_text(FOUND, coloured=True)
    assert f"{RED}Gone{PLAIN}\n  {RED}T{PLAIN}" in said
    assert said.endswith("\n\nNew\n  Q\n  R")


def test_in_a_comment_what_is_grave_stands_open_and_red() -> None:
    grave, rest = as_markdown("All", FOUND).split("<details>")
    assert "**Gone**\n\n```diff\n- T\n```" in grave
    assert rest.startswith("<summary>New (2)</summary>\n\n```diff\nQ\nR\n```")
