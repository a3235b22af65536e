"""Tells the story in this process and prints its resident memory, in bytes, as the last line."""

import sys
from pathlib import Path

import psutil

from bot.story.play import play

if __name__ == "__main__":
    code = play(Path(sys.argv[1]))
    print(psutil.Process().memory_info().rss)
    sys.exit(code)
