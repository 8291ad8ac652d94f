"""What a training program needs of kre-search: its parameters, a way to report, and whether to stop. Workers put it on PYTHONPATH.

    import kre

    settings = kre.params(lr=0.1)              # the trial's parameters; what is given here counts where there is none
    for epoch in range(1, 11):
        kre.report(epoch, f1=train(**settings))
        if kre.should_stop():
            break

Outside a worker params() is what was given, and reports are printed."""

import json
import os
import signal
import stat
import sys

_stop = False


def _note_stop(*_):
    global _stop
    _stop = True


def params(**defaults):
    """The parameters of this trial, over the defaults."""
    path = os.environ.get("KRE_PARAMS")
    if not path:
        return defaults
    with open(path, encoding="utf-8") as file:
        return {**defaults, **json.load(file)}


def report(step, /, **values):
    """Reports what was measured at a step (an epoch); names that are no words: report(3, **{"eval/f1": 0.61})."""
    _write({**{name: float(value) for name, value in values.items()}, "step": int(step)})


def result(**values):
    """Says the result of the run, where it is not the best (or the last) report."""
    _write({**{name: float(value) for name, value in values.items()}, "final": True})


def should_stop():
    """True once the study has told this trial to stop; from the first call on it is asked for, not enforced at once."""
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _note_stop)
    return _stop


def _pipe():
    """The worker's pipe, or None. A program that starts this one may have closed it: then something else has its number."""
    try:
        pipe = int(os.environ["KRE_REPORT_FD"])
        mode = os.fstat(pipe).st_mode
        if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
            return pipe
    except KeyError:
        return None
    except (OSError, ValueError):
        pass
    print("kre: the pipe KRE_REPORT_FD was closed by the program that started this one (Python: close_fds=False keeps it open); "
          "printing instead", file=sys.stderr)
    del os.environ["KRE_REPORT_FD"]
    return None


def _write(line):
    pipe = _pipe()
    if pipe is None:
        print(json.dumps(line), flush=True)
        return
    data = (json.dumps(line) + "\n").encode()
    while data:
        data = data[os.write(pipe, data):]
