"""Stylesheet, script, fonts and marks: the only files that a page loads, all from here.

They say nothing of any incident, so that they are served to everybody and may be cached; the
address carries a part of the file's hash. Names are looked up in a list, never joined to a path.
"""

import hashlib
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.content.roots import find_roots
from bot.web.pages.desk import PageDesk
