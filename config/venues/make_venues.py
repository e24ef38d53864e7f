#!/usr/bin/env python3
"""Writes arena.json, theatre.json and club.json beside itself.

The layouts follow how such houses are really built: rows that grow backwards,
corners that are cut, tunnels that take seats out of a row, odd and even sides,
wheelchair places along the cross aisles. Run it again after changing it; the
files are what counts, and a test checks them.
"""
import json
import math
import pathlib

# Letters that nobody mistakes for a digit.
LETTERS = list("ABCDEFGHJKLMNPQRSTUVWXYZ")


def row(label, seats, first=1, step=1, accessible=(), aisle_after=(), shift=0):
    out = {"label": label, "seats": seats}
    if first != 1:
        out["first"] = first
    if step != 1:
        out["step"] = step
    if accessible:
        out["accessible"] = sorted(accessible)
    if aisle_after:
        out["aisle_after"] = sorted(aisle_after)
    if shift:
        out["shift"] = shift
    return out


def section(name, rows=None, capacity=0, rating=0):
    out = {"name": name}
    if rows:
        out["rows"] = rows
    else:
        out["capacity"] = capacity
    out["rating"] = rating
    return out


def write(name, title, sections):
    """One row a line, so that a change to a row is a change to a line."""
    text = '{"name": %s, "sections": [\n' % json.dumps(title, ensure_ascii=False)
    for i, s in enumerate(sections):
        head = {k: v for k, v in s.items() if k != "rows"}
        text += json.dumps(head)[:-1]
        if "rows" in s:
            text += ', "rows": [\n  '
            text += ",\n  ".join(json.dumps(r) for r in s["rows"]) + "]"
        text += "}" + ("," if i + 1 < len(sections) else "") + "\n"
    text += "]}\n"
    path = pathlib.Path(__file__).with_name(name)
    path.write_text(text, encoding="utf-8")
    seats = sum(r["seats"] for s in sections for r in s.get("rows", []))
    places = sum(s.get("capacity", 0) for s in sections)
    print(f"{name}: {len(sections)} sections, {seats} seats, {places} places, "
          f"{len(text)} bytes")


# -- arena: an oval bowl around a floor, the stage at its north end -----------

def bowl_row(label, seats, widest, corner, **more):
    """Centred in a straight section; flush with the aisle in a cut corner."""
    shift = {"": widest - seats, "left": 2 * (widest - seats), "right": 0}[corner]
    return row(label, seats, shift=shift + more.pop("further", 0), **more)


def corner_of(index, count):
    """Four pairs of corners: which side of a section the curve cuts off."""
    eighth = count // 8
    return {eighth: "left", 3 * eighth - 1: "right", 5 * eighth: "left",
            7 * eighth - 1: "right"}.get(index, "")


def lower_bowl(index, count=24):
    corner = corner_of(index, count)
    narrow = 10 if corner else 14
    widest = narrow + 8
    backwards = index % 2 == 1  # numbers run towards the shared stairs
    rows = []
    for i in range(20):
        seats = narrow + (i * 8) // 19
        first, further = 1, 0
        if 8 <= i <= 10 and index % 3 == 0:  # a tunnel opens on the left
            seats, first, further = seats - 4, 5, 4
        last = first + seats - 1
        aisle = [first + seats // 2 - 1] if seats >= 20 else []
        access = []
        if i == 19 and index % 2 == 0:  # level with the concourse
            access = [first, first + 1, last - 1, last]
        rows.append(bowl_row(LETTERS[i], seats, widest, corner, further=further,
                             first=last if backwards else first,
                             step=-1 if backwards else 1,
                             accessible=access, aisle_after=aisle))
    return rows


def club(index):
    rows = []
    for i in range(8):
        seats = 14 + i // 2 - (2 if index in (0, 5, 6, 11) and i < 3 else 0)
        access = [1, 2] if i == 0 else []
        rows.append(row(f"{LETTERS[i]}{LETTERS[i]}", seats, accessible=access,
                        shift=17 - seats))
    return rows


def upper_bowl(index, count=32):
    corner = corner_of(index, count)
    narrow = 9 if corner else 14
    widest = narrow + 6
    rows = []
    for i in range(15):
        seats = narrow + (i * 6) // 14
        if i >= 13 and corner:
            seats -= 5  # the roof comes down
        first, further = 1, 0
        if 2 <= i <= 4 and index % 4 == 1:  # the way out of the concourse
            seats, first, further = seats - 3, 4, 3
        access = []
        if i == 0 and index % 4 in (0, 2):  # along the cross aisle
            access = [first, first + 1, first + 2]
        aisle = [first + seats // 2 - 1] if seats > 18 else []
        rows.append(bowl_row(str(i + 1), seats, widest, corner, first=first,
                             further=further, accessible=access,
                             aisle_after=aisle))
    return rows


def floor(index):
    near = index < 3
    rows = []
    for i in range(15 if near else 18):
        seats = 14 - (2 if near and index != 1 and i < 3 else 0)
        first = 1 + 20 * (index % 3)  # numbers run on across the floor
        access = []
        if not near and i == 17:
            access = [first, first + 1, first + seats - 2, first + seats - 1]
        shift = 4 if near and index == 0 and i < 3 else 0
        rows.append(row(str(i + 1 if near else i + 16), seats, first=first,
                        accessible=access, shift=shift))
    return rows


def around(index, count):
    """1 opposite the stage, 0 behind it."""
    return (1 - math.cos(2 * math.pi * (index + 0.5) / count)) / 2


def arena():
    out = []
    for i, name in enumerate("ABCDEF"):
        out.append(section(name, floor(i), rating=(100 if i < 3 else 90)
                           - (0 if i % 3 == 1 else 3)))
    for i in range(24):
        rating = 50 + round(30 * math.sin(math.pi * (i + 0.5) / 24))
        out.append(section(str(101 + i), lower_bowl(i), rating=rating))
    for i in range(12):
        out.append(section(f"C{i + 1}", club(i), rating=60))
    for i in range(32):
        out.append(section(str(201 + i), upper_bowl(i),
                           rating=10 + round(25 * around(i, 32))))
    return out


# -- theatre: stalls, boxes, mezzanine and balcony -----------------------------

def side(label, seats, odd, shift, access=0, aisle=None):
    """Odd on the left, even on the right, both counted from the middle."""
    if odd:
        numbers = [2 * k + 1 for k in range(seats)]
        return row(label, seats, first=2 * seats - 1, step=-2, shift=shift,
                   accessible=numbers[-access:] if access else [],
                   aisle_after=[aisle] if aisle else [])
    numbers = [2 * k + 2 for k in range(seats)]
    return row(label, seats, first=2, step=2, shift=shift,
               accessible=numbers[-access:] if access else [],
               aisle_after=[aisle] if aisle else [])


def tier(labels, narrow, widest, odd=None, first=101, accessible=(), shrink=0):
    """Rows that grow backwards; the last `shrink` lose seats to the booth."""
    rows = []
    for i, label in enumerate(labels):
        seats = narrow + round((widest - narrow) * i / max(1, len(labels) - 1))
        if i >= len(labels) - shrink:
            seats -= 3
        if odd is None:
            access = [first, first + seats - 1] if label in accessible else []
            rows.append(row(label, seats, first=first, accessible=access,
                            shift=widest - seats))
        else:
            shift = 2 * (widest - seats) if odd else 0
            rows.append(side(label, seats, odd, shift,
                             access=2 if label in accessible else 0))
    return rows


def theatre():
    stalls = LETTERS
    mezzanine = [2 * c for c in LETTERS[:8]]
    balcony = [3 * c for c in LETTERS[:11]]
    level = ("M", "Z")  # the cross aisle and the back
    boxes = [[row(f"{side_name}{n + 1}", 6 if n == 0 else 5 if n < 4 else 4)
              for n in range(6)] for side_name in "LR"]
    return [
        section("Orchestra Centre", tier(stalls, 12, 17, accessible=("Z",)),
                rating=100),
        section("Orchestra Left", tier(stalls, 8, 15, True, accessible=level),
                rating=90),
        section("Orchestra Right", tier(stalls, 8, 15, False, accessible=level),
                rating=90),
        section("Boxes Left", boxes[0], rating=70),
        section("Boxes Right", boxes[1], rating=70),
        section("Mezzanine Centre",
                tier(mezzanine, 12, 16, accessible=("AA",)), rating=80),
        section("Mezzanine Left", tier(mezzanine, 9, 13, True), rating=65),
        section("Mezzanine Right", tier(mezzanine, 9, 13, False), rating=65),
        section("Balcony Centre", tier(balcony, 12, 16, shrink=3), rating=40),
        section("Balcony Left", tier(balcony, 7, 11, True, shrink=2),
                rating=30),
        section("Balcony Right", tier(balcony, 7, 11, False, shrink=2),
                rating=30),
    ]


# -- club: a floor to stand on, tables around it, stools at the bar -----------

def tables(letter, sizes, accessible=()):
    """A table is a row: who books it sits together."""
    return [row(f"{letter}{n + 1}", seats, shift=8 - seats,
                accessible=[1] if n + 1 in accessible else [])
            for n, seats in enumerate(sizes)]


def club_house():
    return [
        section("Floor", capacity=1200, rating=50),
        section("Tables", tables("T", [4] * 8 + [6] * 8 + [8] * 4, (1, 2, 9)),
                rating=80),
        section("Gallery", tables("G", [6, 6, 4, 4, 4, 4, 4, 4, 6, 6], (1,)),
                rating=70),
        section("Bar", [row("B1", 14, accessible=[14]), row("B2", 10)],
                rating=60),
    ]


write("arena.json", "Bến Nghé Arena", arena())
write("theatre.json", "Cheongdam Theatre", theatre())
write("club.json", "Kesselhaus am Kanal", club_house())
