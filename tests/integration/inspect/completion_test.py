"""What the shells complete, asked of the shells."""
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from inspector import usher
from terminal import Terminal


class Completion(unittest.TestCase):
    def completion(self, shell):
        code, script, err = usher("nowhere", "completion", shell)
        self.assertEqual(code, 0, err)
        return script

    def test_bash_completes(self):
        script = self.completion("bash")
        check = script + '\nCOMP_WORDS=(usher sta); COMP_CWORD=1; _usher; echo "${COMPREPLY[@]}"' \
                         '\nCOMP_WORDS=(usher actors --so); COMP_CWORD=2; _usher; echo "${COMPREPLY[@]}"' \
                         '\nCOMP_WORDS=(usher event pa); COMP_CWORD=2; _usher; echo "${COMPREPLY[@]}"' \
                         '\nCOMP_WORDS=(usher follow seat); COMP_CWORD=2; _usher; echo "${COMPREPLY[@]}"' \
                         '\nCOMP_WORDS=(usher nodes --hel); COMP_CWORD=2; _usher; echo "${COMPREPLY[@]}"'
        done = subprocess.run(["bash", "-c", check], capture_output=True, text=True)
        self.assertEqual(done.stdout.split(), ["state", "--sort", "pause", "seat_block", "--help"], done.stderr)

    def test_fish_completes(self):
        script = self.completion("fish")
        for typed, meant in (("sta", "state"), ("actors --so", "--sort"), ("actors --sort ra", "rate"), ("event pa", "pause"),
                             ("--limit 9 follow seat", "seat_block"), ("nodes --hel", "--help")):
            done = subprocess.run(["fish", "--no-config", "-c", 'source; complete -C "$argv"', "usher " + typed], input=script,
                                  capture_output=True, text=True)
            self.assertEqual([line.split("\t")[0] for line in done.stdout.splitlines()], [meant], (typed, done.stderr))

    @unittest.skipUnless(shutil.which("tmux"), "no tmux here")
    def test_zsh_completes(self):
        folder = Path(tempfile.mkdtemp(prefix="usher-zsh-"))
        self.addCleanup(shutil.rmtree, folder)
        script = folder / "usher.zsh"
        script.write_text(self.completion("zsh"))
        terminal = Terminal(folder, "zsh -f")  # only there does it complete
        try:
            terminal.type(f"source {script} && clear && echo 'it is' loaded\n")
            self.assertTrue(terminal.shows("it is loaded"), terminal.screen())
            for typed, meant in (("sta", "state "), ("actors --so", "actors --sort "), ("actors --sort ra", "actors --sort rate "),
                                 ("event pa", "event pause "), ("follow seat", "follow seat_block ")):
                terminal.press("C-u")
                terminal.type(f"usher {typed}\t#")
                self.assertTrue(terminal.shows(f"usher {meant}#"), terminal.screen())
        finally:
            terminal.close()
