"""A browser without a window, for the tests of the atlas: Debian's Chromium, driven through its driver."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium.webdriver import ActionChains, Chrome, ChromeOptions, ChromeService, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip


def programs() -> tuple[str, str] | None:
    """A browser and its driver; None where there is none."""
    browser = os.environ.get("SIMLAB_BROWSER") or shutil.which("chromium") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    return (browser, driver) if browser and driver else None


class Browser:
    """What a reader does with a page, and what the reader sees."""

    def __init__(self, driver: Chrome, page: Path) -> None:
        self.driver, self.address = driver, page.as_uri()

    def open(self, anchor: str = "", width: int = 1280, height: int = 900, scheme: str = "light") -> None:
        """Load the page anew: at a width, in light or dark colours, on the screen."""
        self.emulate(width, height, scheme)
        self.driver.get("about:blank")
        self.driver.get(self.address + (f"#{anchor}" if anchor else ""))
        self.driver.execute_script("localStorage.clear()")

    def emulate(self, width: int, height: int, scheme: str, media: str = "screen") -> None:
        """The size of the window, and what the page is told of its reader."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})

    def ask(self, script: str, *arguments: Any) -> Any:
        """What a script in the page returns."""
        return self.driver.execute_script(f"return {script}", *arguments)

    def all(self, selector: str) -> list[WebElement]:
        """The elements of a selector that can be seen."""
        return [e for e in self.driver.find_elements(By.CSS_SELECTOR, selector) if e.is_displayed()]

    def one(self, selector: str) -> WebElement:
        """The one element of a selector that can be seen."""
        (found,) = self.all(selector)
        return found

    def press(self, *keys: str) -> None:
        """Keys, wherever the focus is."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def until(self, anchor: str) -> None:
        """Wait until the page of an anchor is shown."""
        script = "location.hash === '#' + arguments[0] && !document.getElementById(arguments[0]).hidden"
        self.wait(lambda: self.ask(script, anchor))

    def wait(self, seen: Callable[[], Any]) -> Any:
        """Wait until something is seen, and return it: a page answers in its own time."""
        return WebDriverWait(self.driver, 10, 0.05).until(lambda _: seen())

    @property
    def focused(self) -> WebElement:
        """The element that has the focus."""
        return self.driver.switch_to.active_element

    @property
    def page(self) -> str:
        """The anchor of the one page that is shown."""
        return str(self.one(".page").get_attribute("id"))

    def complaints(self) -> list[str]:
        """What the console has said since it was last asked."""
        return [str(entry["message"]) for entry in self.driver.get_log("browser")]


@contextmanager
def browsing(page: Path) -> Iterator[Browser]:
    """A browser at a file, with a profile of its own."""
    found = programs()
    assert found is not None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = ChromeOptions()
        options.binary_location = found[0]
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        driver = Chrome(options=options, service=ChromeService(found[1]))
        try:
            yield Browser(driver, page)
        finally:
            driver.quit()


__all__ = ["Browser", "Keys", "browsing", "programs"]
