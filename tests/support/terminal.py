"""A real terminal, which tmux plays."""
import subprocess
from pathlib import Path

from client import eventually
from node import fresh


class Terminal:
    """80 x 24 with one program in it, on a tmux server of its own."""

    def __init__(self, folder, command):
        self.socket = str(Path(folder) / ("tmux-" + fresh()))
        self.tmux("new-session", "-d", "-s", "one", "-x", "80", "-y", "24", f"{command}; echo left with $?; sleep 60")

    def tmux(self, *words):
        done = subprocess.run(["tmux", "-f", "/dev/null", "-S", self.socket, *words], capture_output=True, text=True)
        return done.stdout

    def press(self, *keys):
        self.tmux("send-keys", "-t", "one", *keys)

    def type(self, text):
        self.tmux("send-keys", "-t", "one", "-l", text)

    def screen(self):
        return self.tmux("capture-pane", "-p", "-t", "one")

    def shows(self, *texts):
        return eventually(lambda: all(text in self.screen() for text in texts), patience=30)

    def resize(self, columns, rows):
        self.tmux("resize-window", "-t", "one", "-x", str(columns), "-y", str(rows))

    def close(self):
        self.tmux("kill-server")
