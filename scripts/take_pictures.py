"""Takes the two pictures of the README: the incident's channel, and a notice as PDF.

Plays the told story and photographs it: `python scripts/take_pictures.py`, from the root. Needs
Chromium and pdftoppm (Debian: chromium, poppler-utils).
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from bot.practice import practising
from bot.story.play import START, tell, write_papers
from bot.story.script import ANA, STORY
from bot.story.stage import Stage, StoryClock

IMAGES = Path("docs/images")
COUNTED = 8
"""Steps of the story until the affected people are counted: most clocks run then."""


def main() -> None:
    """Tell the story, then take both pictures."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    clock = StoryClock(START)
    with (
        tempfile.TemporaryDirectory() as folder,
        practising(Path(folder) / "data", clock=clock, ticking=False) as pair,
    ):
        stage = Stage(pair=pair, clock=clock)
        tell(stage, STORY[:COUNTED])
        photograph(stage)
        tell(stage, STORY[COUNTED:])
        out = Path(folder) / "story"
        out.mkdir()
        write_papers(stage, out)
        stage.close()
        letter = next((out / "notices").glob("*us_ca_individual*.pdf"))
        subprocess.run(  # noqa: S603 - our own file
            ["pdftoppm", "-r", "80", "-png", "-singlefile", "-f", "1", letter, IMAGES / "notice"],  # noqa: S607
            check=True,
        )


def photograph(stage: Stage) -> None:
    """Take the channel's picture, from its beginning."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 1100})
        page.goto(f"{stage.pair.box_url}/?as={ANA}#{stage.channel}")
        page.get_by_text("Partners to call").first.wait_for()
        page.mouse.move(700, 500)
        page.mouse.wheel(0, -20_000)
        page.wait_for_timeout(800)
        page.screenshot(path=IMAGES / "channel.png")
        browser.close()


if __name__ == "__main__":
    main()
