"""10. Seat maps and live feeds that nobody buys from: their versions never go back."""

import json
from collections import defaultdict

STALE = 3_000  # milliseconds: a map may be a second old, two while it is drawn anew, and is looked at on a busy machine


def maps(story):
    """Over one connection no map is older than the one before; and none anywhere is older than what anybody had seen, if
    that was long enough before it was asked for."""
    looks = defaultdict(list)
    for one in story.history:
        if one["op"] == "seats" and one["status"] == 200:
            looks[one["path"]].append((one, json.loads(one["answer"])["version"]))
    for path, some in looks.items():
        yield from line_by_line(path, some)
        answers = sorted((one["got"], version) for one, version in some)
        newest = seen = 0
        for one, version in sorted(some, key=lambda look: look[0]["sent"]):
            while answers[seen][0] <= one["sent"] - STALE:
                newest = max(newest, answers[seen][1])
                seen += 1
            if version < newest:
                yield (f"10. {path} at {one['front']}, asked at {one['sent']:.0f} ms: version {version}; {newest} had been "
                       f"seen more than {STALE} ms before")


def line_by_line(path, looks):
    last = {}
    for one, version in sorted(looks, key=lambda look: look[0]["sent"]):
        line = (one["client"], one["line"])
        if version < last.get(line, 0):
            yield (f"10. {path} at {one['front']} went back for {one['client']} from version {last[line]} to {version}, over "
                   "one connection")
        last[line] = version


def feeds(story):
    """The frames of a feed follow one another without a gap, or say `resync`; none begins before what was heard at that
    front."""
    heard = {}
    for one in story.history:
        if one["op"] != "feed" or one["status"] != 101:
            continue
        said = json.loads(one["answer"])
        place = (one["client"], one["front"], one["path"].partition("?")[0])
        about = f"{place[2]} at {one['front']}, from {said['since']}"
        for kind, version in said["frames"][:1]:
            if kind != "welcome" or version < heard.get(place, 0):
                yield f"10. {about}: begins with {kind} {version}; {heard.get(place)} had been heard there"
        yield from frame_by_frame(about, said)
        heard[place] = max((version for _, version in said["frames"]), default=heard.get(place, 0))


def frame_by_frame(about, said):
    if not said["frames"]:
        return
    last = said["frames"][0][1] if said["since"] is None else said["since"]
    for kind, version in said["frames"][1:]:
        if version < last if kind == "resync" else version != last + 1:
            yield f"10. {about}: {kind} {version} comes after {last}"
        last = version
