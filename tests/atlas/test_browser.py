"""The atlas in a browser: searching, sorting, reading, following links, by mouse and by keyboard, and on paper."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("selenium", reason="Selenium is not installed: pip install -e '.[test]' brings it")

from simlab.reports.atlas import write_atlas
from simlab.running.results import Results
from simlab.verification import verify
from tests.atlas.browser import Browser, Keys, browsing, programs

pytestmark = pytest.mark.skipif(
    programs() is None,
    reason="no browser is installed: apt-get install chromium chromium-driver brings one",
)
CHOSEN = (
    "gd-convex-tight",
    "sgd-sc-constant",
    "hb-quadratic*",
    "easgd-stability",
    "lb-nonsmooth",
    "hrs-sgd-convex",
)
PHONE, DESKTOP = 390, 1280


@pytest.fixture(scope="session")
def results() -> Results:
    return verify(*CHOSEN, tier="quick")


@pytest.fixture(scope="session")
def session(results: Results, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    path = tmp_path_factory.mktemp("atlas") / "atlas.html"
    write_atlas(results, path)
    with browsing(path) as browser:
        yield browser


@pytest.fixture
def browser(session: Browser) -> Iterator[Browser]:
    """The browser at the table; whatever it does, the console has nothing to say."""
    session.open()
    session.complaints()
    yield session
    assert session.complaints() == []


def shown_ids(browser: Browser) -> list[str]:
    return [link.text for link in browser.all("#table tbody th a")]


def test_search_keeps_what_fits_and_says_how_many(browser: Browser, results: Results) -> None:
    everything = shown_ids(browser)
    assert sorted(everything) == sorted(r.id for r in results)
    field = browser.one("#search")
    field.send_keys("sgd")
    kept = shown_ids(browser)
    assert {"sgd-sc-constant", "hrs-sgd-convex"} <= set(kept) < set(everything)
    assert browser.one("#count").text == f"{len(kept)} of {len(everything)}"
    field.send_keys(" nothing-like-this")
    assert shown_ids(browser) == []
    browser.one("#clear").click()
    assert shown_ids(browser) == everything
    browser.focused.send_keys("drori")  # words of a source, which the table does not show
    assert "gd-convex-tight" in shown_ids(browser)
    browser.press(Keys.ESCAPE)
    assert shown_ids(browser) == everything


def test_a_chapter_and_a_verdict_can_be_chosen(browser: Browser, results: Results) -> None:
    browser.ask("(v => { chapter.value = v; chapter.dispatchEvent(new Event('input')) })('stability')")
    assert shown_ids(browser) == ["hrs-sgd-convex"]
    browser.ask("(v => { chapter.value = v; chapter.dispatchEvent(new Event('input')) })('')")
    browser.ask("(v => { verdict.value = v; verdict.dispatchEvent(new Event('input')) })('refuted')")
    assert set(shown_ids(browser)) == {r.id for r in results if r.kind == "refuted"} != set()


@pytest.mark.parametrize("name", ["theorem", "ratio"])
def test_headings_sort_the_table_both_ways(browser: Browser, results: Results, name: str) -> None:
    heading = next(h for h in browser.all("#table th .sort") if h.text.lower() == name)
    heading.click()
    first = shown_ids(browser)
    heading.click()
    assert shown_ids(browser) != first
    assert browser.one(f"#table th[aria-sort='{'descending' if name == 'theorem' else 'ascending'}']")
    ids = [r.id for r in results]
    assert sorted(first) == sorted(ids)
    if name == "theorem":
        assert first == sorted(ids)
    else:
        ratios = [results[name].worst.verdict.ratio for name in first]
        assert ratios == sorted(ratios, reverse=True)


def test_links_lead_from_theorem_to_problem_to_method_and_back(browser: Browser) -> None:
    browser.one("a[href='#theorem-gd-convex-tight']").click()
    browser.until("theorem-gd-convex-tight")
    assert browser.page == "theorem-gd-convex-tight"
    assert "gd-convex-tight" in browser.driver.title
    browser.all("#theorem-gd-convex-tight a[href='#problem-huber']")[0].click()
    browser.until("problem-huber")
    browser.one("#problem-huber a[href='#theorem-gd-convex-tight']").click()
    browser.until("theorem-gd-convex-tight")
    browser.all("#theorem-gd-convex-tight a[href='#method-gradient-descent']")[0].click()
    browser.until("method-gradient-descent")
    assert "step_size" in browser.one("#method-gradient-descent").text
    for anchor in ("theorem-gd-convex-tight", "problem-huber", "theorem-gd-convex-tight"):
        browser.driver.back()
        browser.until(anchor)
        assert browser.page == anchor


def test_an_address_opens_its_page(browser: Browser) -> None:
    browser.open("theorem-sgd-sc-constant")
    assert browser.page == "theorem-sgd-sc-constant"
    browser.open("theorem-that-is-not-there")
    assert browser.page == "theorems"


def test_the_keyboard_is_enough(browser: Browser) -> None:
    browser.press(Keys.TAB)
    assert browser.focused.get_attribute("class") == "skip"
    browser.press("/")
    assert browser.focused.get_attribute("id") == "search"
    browser.press("sgd-sc")
    assert shown_ids(browser) == ["sgd-sc-constant"]
    for _ in range(20):
        browser.press(Keys.TAB)
        outline = browser.ask("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", browser.focused.get_attribute("outerHTML")
        if browser.focused.get_attribute("href"):
            break
    browser.press(Keys.ENTER)
    browser.until("theorem-sgd-sc-constant")
    assert browser.focused.text == "sgd-sc-constant"  # its heading, from where reading goes on
    browser.driver.back()
    browser.wait(lambda: browser.page == "theorems")
    browser.wait(lambda: browser.focused.text == "sgd-sc-constant")  # the link that was followed
    browser.press("/")
    browser.press(Keys.ESCAPE, Keys.TAB)
    assert len(shown_ids(browser)) > 1


def background(browser: Browser) -> float:
    """The lightness of the page's ground, from 0 to 255."""
    colour = browser.ask("getComputedStyle(document.body).backgroundColor")
    return sum(float(number) for number in re.findall(r"[\d.]+", colour)[:3]) / 3


def test_the_theme_follows_the_system_until_it_is_chosen(browser: Browser) -> None:
    assert background(browser) > 200
    browser.open(scheme="dark")
    assert background(browser) < 80
    button = browser.one("#theme")
    button.click()
    assert button.get_attribute("aria-label") == "Colours: light"
    assert background(browser) > 200
    browser.driver.refresh()
    assert background(browser) > 200  # it is remembered
    browser.one("#theme").click()
    browser.emulate(DESKTOP, 900, "light")
    assert browser.one("#theme").get_attribute("aria-label") == "Colours: dark"
    assert background(browser) < 80
    browser.one("#theme").click()
    assert background(browser) > 200


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_every_page_fits_its_width_and_shows_its_pictures(browser: Browser, width: int, scheme: str) -> None:
    browser.open(width=width, scheme=scheme)
    anchors = browser.ask("[...document.querySelectorAll('.page')].map(page => page.id)")
    assert len(anchors) > 15
    for anchor in anchors:
        browser.ask("void (location.hash = arguments[0])", anchor)
        browser.until(anchor)
        assert browser.ask("document.documentElement.scrollWidth") <= width, anchor
        empty = browser.ask(
            "[...document.getElementById(arguments[0]).querySelectorAll('svg, math')].filter("
            "e => !e.closest('details:not([open])') && (e.getBoundingClientRect().width < 4"
            " || e.getBoundingClientRect().height < 4)).map(e => e.outerHTML.slice(0, 200))",
            anchor,
        )
        assert empty == [], anchor
    assert browser.ask("document.querySelectorAll('.figures svg').length") >= 2 * len(CHOSEN)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_their_ground(browser: Browser, scheme: str) -> None:
    browser.open("theorem-gd-convex-tight", scheme=scheme)
    ground, ink = (
        browser.ask(f"getComputedStyle(document.body).{name}") for name in ("backgroundColor", "color")
    )
    light = sorted(_luminance(colour) for colour in (ground, ink))
    assert (light[1] + 0.05) / (light[0] + 0.05) > 7
    drawn = browser.ask("getComputedStyle(document.querySelector('.figures svg')).color")
    assert abs(_luminance(drawn) - _luminance(ground)) > 0.3


def _luminance(colour: str) -> float:
    """The relative luminance of WCAG 2."""
    channels = [float(number) / 255 for number in re.findall(r"[\d.]+", colour)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_command_that_reproduces_can_be_copied(browser: Browser) -> None:
    browser.open("theorem-gd-convex-tight")
    button = browser.all("#theorem-gd-convex-tight .copy")[0]
    button.click()
    # The clipboard answers in its own time, and two seconds later the button is as it was.
    assert browser.wait(lambda: button.text if button.text != "Copy" else None) in ("Copied", "Selected")


def test_nothing_is_fetched(browser: Browser) -> None:
    for anchor in ("theorems", "theorem-gd-convex-tight", "problem-huber", "verdicts"):
        browser.open(anchor)
        assert browser.ask("performance.getEntriesByType('resource').map(e => e.name)") == []


def test_on_paper_everything_is_there_and_nothing_to_click(browser: Browser, results: Results) -> None:
    browser.emulate(DESKTOP, 900, "dark", media="print")
    try:
        pages = browser.ask(
            "[...document.querySelectorAll('.page')].map(p => p.getBoundingClientRect().height)"
        )
        assert all(height > 20 for height in pages)
        assert browser.all("#search, #theme, .bar, .copy") == []
        # Nobody prints light words on black: ink is dark whatever the screen is.
        assert _luminance(browser.ask("getComputedStyle(document.body).color")) < 0.1
        paper = browser.driver.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69})
        document = base64.b64decode(paper["data"])
        assert len(re.findall(rb"/Type\s*/Page\b", document)) > len(results)
    finally:
        browser.emulate(DESKTOP, 900, "light")


def test_without_scripts_everything_is_there(browser: Browser) -> None:
    browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.emulate(PHONE, 900, "light")
        browser.driver.get("about:blank")
        browser.driver.get(browser.address)
        assert len(browser.all(".page")) > 15
        assert browser.all("#search, #theme, .sort, .copy") == []
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_the_atlas_of_the_whole_registry_is_small_and_quick(tmp_path: Path) -> None:
    path = tmp_path / "atlas.html"
    write_atlas(verify(tier="quick"), path)
    assert path.stat().st_size <= 10 * 2**20
    with browsing(path) as browser:
        times = []
        for _ in range(3):
            browser.open()
            script = "(t => t.loadEventEnd - t.startTime)(performance.getEntriesByType('navigation')[0])"
            times.append(browser.ask(script))
        assert min(times) < 2000, times
        assert browser.complaints() == []
