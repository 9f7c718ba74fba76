"""The plan's grid and an alert, without a mouse: what has the focus shows it, and nothing
that is done loses it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

#: Presses of Tab after which what was looked for counts as out of reach.
MOST_TABS = 80
#: What has the focus: its test id, its cell, the dialog that it is in, and whether it can be seen to have it.
FOCUSED = """() => {
    const found = document.activeElement
    if (!found || found === document.body) return null
    const cell = found.closest('[role=gridcell], [role=columnheader]')
    const number = (element, name) => Number(element?.getAttribute(name) ?? 0)
    const around = [found, found.parentElement, found.parentElement?.parentElement, cell]
    const select = found.closest('.kpi-select')?.querySelector('.kpi-select-selector')
    const named = ['.kpi-picker', '.kpi-input-affix-wrapper', '.kpi-input'].map((name) => found.closest(name))
    const frames = [select, ...named]
    const style = (element) => element ? getComputedStyle(element) : { outlineStyle: 'none', boxShadow: 'none' }
    const isMarked = around.some((element) => style(element).outlineStyle !== 'none')
        || frames.some((element) => style(element).boxShadow !== 'none')
    const box = found.getBoundingClientRect()
    return {
        id: found.dataset.testid ?? found.closest('.kpi-select')?.dataset.testid ?? '',
        row: number(cell?.closest('[role=row]'), 'aria-rowindex'),
        column: number(cell, 'aria-colindex'),
        isOurs: found.closest('#kpi-root, [role=dialog], .kpi-drawer') !== null && !found.dataset.sentinel,
        isInDialog: found.closest('[role=dialog], .kpi-drawer') !== null,
        isSeen: isMarked && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
        html: found.outerHTML.slice(0, 200),
    }
}"""
IS_SEEN = f"() => ({FOCUSED})()?.isSeen === true"


def focused(page: Any) -> dict[str, Any]:
    """What has the focus; it must be somewhere, and be seen."""
    from playwright.sync_api import TimeoutError as Late

    try:
        page.wait_for_function(IS_SEEN, timeout=5_000)
    except Late:
        raise AssertionError(f"the focus is lost or can't be seen: {page.evaluate(FOCUSED)}") from None
    return dict(page.evaluate(FOCUSED))


def cell(page: Any) -> tuple[int, int]:
    """Row and column of the grid's cell that has the focus."""
    found = focused(page)
    assert found["column"], f"no cell has the focus but {found['html']}"
    return found["row"], found["column"]


def press(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Any, wanted: Callable[[dict[str, Any]], bool]) -> None:
    for _ in range(MOST_TABS):
        press(page, "Tab")
        # Superset's own navbar is not ours to judge.
        if page.evaluate(FOCUSED)["isOurs"] and wanted(focused(page)):
            return
    raise AssertionError(f"Tab doesn't come to it; it stands at {page.evaluate(FOCUSED)}")


def unsaved(page: Any) -> int:
    """How many cells the bar below the grid counts as changed."""
    bar = page.locator('[data-testid="save-bar"] strong')
    page.wait_for_timeout(150)
    return int(re.findall(r"\d+", bar.inner_text())[0]) if bar.count() else 0


def test_the_plan_is_worked_by_keyboard_alone(open_as: Callable[..., Any], shot: Any) -> None:
    page = open_as("owner")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/kpi/targets/?view=plan")
    page.wait_for_selector('[data-testid="plan-grid"]')
    tab_to(page, lambda at: at["column"] > 0)
    press(page, "ArrowDown", "ArrowDown", "Control+Home")  # out of the headings, which stand in two rows
    top, left = cell(page)

    press(page, "ArrowRight", "ArrowDown")
    assert cell(page) == (top + 1, left + 1)
    press(page, "ArrowUp", "ArrowLeft")
    assert cell(page) == (top, left)
    press(page, "End")
    right = cell(page)[1]
    assert right > left + 2
    press(page, "Home")
    assert cell(page) == (top, left)
    press(page, "Control+End")
    bottom = cell(page)[0]
    assert cell(page) == (bottom, right)
    press(page, "Control+Home", "PageDown")
    assert top < cell(page)[0] <= bottom
    press(page, "PageUp")
    assert cell(page) == (top, left)

    edit_and_undo(page)
    place = cell(page)
    press(page, "Alt+Enter")
    page.wait_for_selector('[data-testid="target-drawer"]')
    page.wait_for_timeout(400)
    assert focused(page)["isInDialog"]
    press(page, "Escape")
    page.wait_for_selector('[data-testid="target-drawer"]', state="detached")
    page.wait_for_function("() => document.activeElement.closest('[role=treegrid]') !== null")
    assert cell(page) == place
    shot(page, "keyboard-plan")
    assert page.script_errors == []


def edit_and_undo(page: Any) -> None:
    """Every way to write into cells, each taken back; leaves the focus on a cell that can be written."""
    editor = page.locator('[data-testid="cell-editor"]')
    press(page, "End", "F2")
    while not editor.count():  # what is closed, or another's, opens no editor
        press(page, "ArrowDown", "F2")
    place = cell(page)
    page.keyboard.type("1234")
    press(page, "Escape")
    assert (unsaved(page), cell(page)) == (0, place)
    press(page, "Enter")
    editor.wait_for()
    press(page, "Control+a")
    page.keyboard.type("1234")
    press(page, "Enter")  # goes on to the cell below
    assert (unsaved(page), cell(page)) == (1, (place[0] + 1, place[1]))
    press(page, "Control+z")
    assert unsaved(page) == 0
    press(page, "Control+y")
    assert unsaved(page) == 1
    press(page, "ArrowUp", "ArrowLeft", "Shift+ArrowRight")
    assert cell(page)[0] == place[0]
    press(page, "Control+z", "ArrowLeft", "F2", "Control+a")
    page.keyboard.type("77")
    press(page, "Enter", "ArrowUp", "Shift+ArrowRight", "Control+r")
    assert unsaved(page) == 2
    press(page, "Control+z", "Control+z", "Control+c", "ArrowRight", "Delete")
    press(page, "Control+v")
    page.wait_for_timeout(300)
    cell(page)
    for _ in range(3):
        press(page, "Control+z")
    assert unsaved(page) == 0


def test_an_alert_is_handled_by_keyboard_alone(open_as: Callable[..., Any], shot: Any) -> None:
    page = open_as("manager")
    page.goto("/kpi/alerts/?state=all&kpi=acos")
    page.wait_for_selector('[data-testid="open-alert"]')
    tab_to(page, lambda at: at["id"] == "open-alert")
    row = page.evaluate("document.activeElement.innerText")
    press(page, "Enter")
    page.wait_for_selector('[data-testid="alert-actions"]')
    page.wait_for_timeout(400)
    assert focused(page)["isInDialog"]
    if page.locator('[data-testid="ack-comment"]').count():
        tab_to(page, lambda at: at["id"] == "ack-comment")
        page.keyboard.type("bids lowered")
        tab_to(page, lambda at: at["id"] == "acknowledge")
        press(page, "Enter")
        page.wait_for_selector('[data-testid="acknowledged"]')
        assert focused(page)["isInDialog"], "acknowledging must keep the focus in the alert"
    if page.locator('[data-testid="snooze"]').count():
        tab_to(page, lambda at: at["id"] == "snooze")
        press(page, "Enter", "ArrowDown", "Enter")
        tab_to(page, lambda at: at["id"] == "unsnooze")
        press(page, "Enter")
        page.wait_for_selector('[data-testid="snooze"]')
        assert focused(page)["isInDialog"], "ending the snooze must keep the focus in the alert"
        tab_to(page, lambda at: at["id"] == "assignee")
        press(page, "Control+a")
        page.keyboard.type("owner")
        tab_to(page, lambda at: at["id"] == "assign")
        press(page, "Enter")
        page.wait_for_selector('[data-testid="assign"]:disabled')
        assert focused(page)["isInDialog"], "giving it to somebody must keep the focus in the alert"
    if page.locator('[data-testid="vote-useful"]').count():
        tab_to(page, lambda at: at["id"] == "vote-useful")
        for pressed in ("true", "false"):
            page.wait_for_selector('[data-testid="vote-useful"]:not(.kpi-btn-loading)')
            press(page, "Enter")
            page.wait_for_selector(f'[data-testid="vote-useful"][aria-pressed="{pressed}"]')
            assert focused(page)["id"] == "vote-useful"
    shot(page, "keyboard-alert")
    press(page, "Escape")
    page.wait_for_selector('[data-testid="alert-drawer"]', state="detached")
    page.wait_for_function("() => document.activeElement.dataset.testid === 'open-alert'")
    focused(page)
    assert page.evaluate("document.activeElement.innerText").splitlines()[0] == row.splitlines()[0]
    assert page.script_errors == []
