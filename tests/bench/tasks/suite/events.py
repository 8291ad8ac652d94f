"""Workers without a clock: a trial is asked for when a worker is free and told when its time is over. A sampler's own time counts as none."""
import heapq


def simulate(trials, workers, ask, tell):
    """ask() -> (trial, seconds); tell(trial, clock). Equal ends come in the order of asking."""
    running, asked, told, clock = [], 0, 0, 0.0
    while told < trials:
        while len(running) < workers and asked < trials:
            trial, seconds = ask()
            heapq.heappush(running, (clock + seconds, asked, trial))
            asked += 1
        clock, _, trial = heapq.heappop(running)
        told += 1
        tell(trial, clock)


def simulate_rounds(trials, size, ask, tell):
    """So many are asked for at once and told together, until at least so many trials are told."""
    told, clock = 0, 0.0
    while told < trials:
        asked = [ask() for _ in range(size)]
        clock += max(seconds for _, seconds in asked)
        for trial, _ in asked:
            tell(trial, clock)
        told += size
