"""The closed list of jobs: the names that services enqueue, and what runs them."""

from collections.abc import Mapping

from bot.jobs.anchor import anchor
from bot.jobs.channel import check_guest, invite, make_channel, refresh_card
from bot.jobs.disposal import dispose
from bot.jobs.files import delete_artifact, fetch_file
from bot.jobs.messages import announce, reword, tell
from bot.jobs.outbound import send_notice_mail
from bot.jobs.papers import hand_paper
from bot.jobs.print_run import print_run
from bot.jobs.runner import JobFunction

JOBS: Mapping[str, JobFunction] = {
    "anchor": anchor,
    "make_channel": make_channel,
    "invite": invite,
    "check_guest": check_guest,
    "refresh_card": refresh_card,
    "announce": announce,
    "tell": tell,
    "reword": reword,
    "fetch_file": fetch_file,
    "hand_paper": hand_paper,
    "dispose": dispose,
    "delete_artifact": delete_artifact,
    "send_mail": send_notice_mail,
    "print_run": print_run,
}
"""Names are stored in queued jobs: renaming one needs an alias for the old name."""

UNORDERED = frozenset({"fetch_file", "print_run"})
"""Jobs that may take minutes, or hours, and that nothing else waits for."""
