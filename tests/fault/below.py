"""What is put between processes and their machine, so that it can be hurt."""

import struct
import subprocess
from pathlib import Path

SOURCE = Path(__file__).resolve().parent / "shim.c"
HOUR = 3_600_000_000_000  # nanoseconds
ROOM = "256m"  # of the disk that can be filled


class Shim:
    """What is between one process and its machine (shim.c), and may be changed while it runs."""

    def __init__(self, file, library):
        self.file, self.library = file, library
        self.say()

    def say(self, ahead=0, slower=0):
        """A wall clock that is so many nanoseconds ahead; syncs that take so many microseconds longer."""
        with open(self.file, "r+b" if self.file.exists() else "wb") as file:
            file.write(struct.pack("=qq", int(ahead), int(slower)))

    def environment(self):
        return {"LD_PRELOAD": str(self.library), "USHER_SHIM": str(self.file)}


def build(folder):
    library = Path(folder) / "shim.so"
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"], check=True)
    return library


class SmallDisk:
    """A file system of its own for the database, in a mount namespace that ends with the test."""

    def __init__(self, folder):
        self.folder, self.ballast = Path(folder), Path(folder) / "ballast"
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM},mode=755", "tmpfs", folder], check=True)

    def fill(self):
        with open(self.ballast, "wb", buffering=0) as file:
            for size in (1 << 20, 4096):
                try:
                    while file.write(bytes(size)) == size:
                        pass
                except OSError:
                    pass

    def make_room(self):
        self.ballast.unlink()

    def end(self):
        subprocess.run(["umount", "-l", self.folder], check=False)
