"""The send journal: locked while its writer lives, readable when it is dead."""

import errno
import subprocess
import sys
import textwrap

import pytest

from tcma.adapters.journal import FileJournal, dead_journal, journals_in


def test_a_living_writers_journal_is_given_to_nobody(tmp_path):
    journal = FileJournal(tmp_path)
    journal.begun([1])
    with dead_journal(tmp_path, journal.name) as told:
        assert told is None
    assert journals_in(tmp_path) == [journal.name]
    journal.close()
    assert journals_in(tmp_path) == []


def test_a_killed_writer_leaves_every_line_it_wrote(tmp_path):
    script = textwrap.dedent(
        """
        import os, signal, sys
        from pathlib import Path
        from tcma.adapters.journal import FileJournal
        journal = FileJournal(Path(sys.argv[1]))
        journal.preparing([1, 2, 3])
        journal.begun([1]); journal.answered([1]); journal.begun([2])
        os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    (name,) = journals_in(tmp_path)
    with dead_journal(tmp_path, name) as told:
        assert told.prepared == {1, 2, 3}
        assert told.begun == {1, 2}
        assert told.answered == {1}
    assert journals_in(tmp_path) == []


def test_what_is_made_again_has_not_begun_and_a_cut_line_undoes_nothing(tmp_path):
    journal = FileJournal(tmp_path)
    journal.preparing([1, 2])
    journal.begun([1])  # and the relay said 451 after the dot
    journal.begun([2])
    journal.preparing([1])
    assert journal.told().begun == {2}
    with journal.path.open("ab") as file:
        file.write(b"\nP 2")  # of 23, and the disk is full
    assert journal.told().begun == {2}
    with journal.path.open("ab") as file:
        file.write(b"\nS 2")  # of 24
    journal.begun([7])
    assert (journal.told().begun, journal.told().answered) == ({2, 7}, set())
    journal.close()


def test_a_line_that_a_full_disk_cuts_is_an_error_and_spoils_no_other(tmp_path):
    script = textwrap.dedent(
        """
        import resource, signal, sys
        from pathlib import Path
        from tcma.adapters.journal import FileJournal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        journal = FileJournal(Path(sys.argv[1]))
        journal.begun([12345])
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (journal.size() + 4, hard))
        try:
            journal.begun([67890])
        except OSError as error:
            print(error.errno)
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        journal.begun([13579])
        """
    )
    run = [sys.executable, "-c", script, str(tmp_path)]
    done = subprocess.run(run, check=True, capture_output=True, text=True)
    assert int(done.stdout) == errno.ENOSPC
    (name,) = journals_in(tmp_path)
    with dead_journal(tmp_path, name) as told:
        assert {12345, 13579} <= told.begun


def test_a_torn_last_line_is_read_as_far_as_it_goes(tmp_path):
    (tmp_path / "x.journal").write_bytes(b"\nB 1\n\nS 1\n\nB 2\n\nS")
    with dead_journal(tmp_path, "x.journal") as told:
        assert (told.begun, told.answered) == ({1, 2}, {1})


def test_a_replay_that_fails_keeps_the_journal(tmp_path):
    (tmp_path / "x.journal").write_bytes(b"B 1\n")
    with pytest.raises(ZeroDivisionError), dead_journal(tmp_path, "x.journal") as told:
        assert 1 / len(told.answered)
    assert journals_in(tmp_path) == ["x.journal"]


def test_a_missing_journal_is_no_proof(tmp_path):
    with dead_journal(tmp_path, "gone.journal") as told:
        assert told is None
