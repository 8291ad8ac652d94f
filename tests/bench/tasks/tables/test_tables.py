"""Tables of losses: what is written is read, spaces with conditions and unions of them, and what goes on after an end."""
import pathlib
import subprocess
import sys

import numpy
import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[4]
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import grid  # noqa: E402
import kre_train_tables  # noqa: E402
import noise_figures  # noqa: E402
import samples  # noqa: E402
from support.programs import PROGRAMS  # noqa: E402
from table_file import Unfinished, check, read_table, write_table  # noqa: E402
from tables import TABLES, UNIONS  # noqa: E402

TREE = {"kind": grid.choice("a", "b"), "size": grid.steps(1, 2, 4, when={"kind": ["b"]}), "rate": grid.geometric(0.1, 10.0, 3)}
NESTED = {"top": grid.choice("x", "y"), "middle": grid.choice("p", "q", when={"top": ["y"]}), "low": grid.steps(5, 6, when={"middle": ["q"]})}


def table_of(space, repeats, **extra):
    keys = grid.cells(space)
    loss = numpy.arange(len(keys) * repeats, dtype=float).reshape(len(keys), repeats)
    return grid.as_searched(space), keys, {"loss": loss, "seconds": loss / 10, **extra}


def test_a_table_that_is_written_is_read_again(tmp_path):
    space, keys, arrays = table_of(TREE, 2)
    arrays["curve"] = numpy.zeros((len(keys), 2, 4))
    write_table(tmp_path / "t.npz", space, keys, arrays, grids=grid.grids(TREE))
    again_space, again_keys, again, notes = read_table(tmp_path / "t.npz")
    assert again_space == space and again_keys.dtype == numpy.int16 and again_keys.tolist() == keys.tolist()
    assert {name: array.shape for name, array in again.items()} == {"loss": (12, 2), "seconds": (12, 2), "curve": (12, 2, 4)}
    assert again["loss"].dtype == numpy.float32 and again["loss"].tolist() == arrays["loss"].tolist()
    assert notes == {"grids": {"size": [1, 2, 4], "rate": [0.1, 1.0, 10.0]}}
    assert [path.name for path in tmp_path.iterdir()] == ["t.npz"]


def test_cells_have_a_parameter_where_its_condition_holds():
    assert grid.cells(TREE).tolist() == [*[[0, -1, rate] for rate in range(3)], *[[1, size, rate] for size in range(3) for rate in range(3)]]
    assert grid.cells(NESTED).tolist() == [[0, -1, -1], [1, 0, -1], [1, 1, 0], [1, 1, 1]]
    assert grid.values_of(TREE, [1, 2, 0]) == {"kind": "b", "size": 4, "rate": 0.1}


def test_ordered_parameters_are_searched_as_integers():
    assert grid.as_searched(TREE) == {"kind": {"values": ["a", "b"]}, "size": {"min": 0, "max": 2, "when": {"kind": ["b"]}}, "rate": {"min": 0, "max": 2}}


@pytest.mark.parametrize("wrong", [[[0, 1, 0]], [[1, -1, 0]], [[1, 3, 0]], [[2, -1, 0]], [[0, -1, 0], [0, -1, 0]], [[0, 0]]])
def test_keys_that_do_not_fit_the_space_are_refused(wrong):
    with pytest.raises(ValueError):
        check(grid.as_searched(TREE), numpy.array(wrong, numpy.int16))


@pytest.mark.parametrize("name, count", [("S1", 1947), ("S2", 1947), ("S3", 1596), ("S4", 2880), ("S5", 1512), ("S6", 1512), ("S7", 864), ("S8", 1728),
                                         ("S9", 768)])
def test_every_table_has_its_cells(name, count):
    space = TABLES[name][2]
    keys = grid.cells(space)
    check(grid.as_searched(space), keys)
    assert len(keys) == count


def test_a_union_puts_its_tables_below_a_model():
    space, keys, arrays = grid.union({"tree": table_of(TREE, 3), "deep": table_of(NESTED, 2)})
    check(space, keys)
    assert list(space) == ["model", "tree_kind", "tree_size", "tree_rate", "deep_top", "deep_middle", "deep_low"]
    assert space["tree_kind"]["when"] == {"model": ["tree"]} and space["tree_size"]["when"] == {"tree_kind": ["b"]}
    assert space["deep_low"] == {"min": 0, "max": 1, "when": {"deep_middle": ["q"]}}
    assert keys[0].tolist() == [0, 0, -1, 0, -1, -1, -1] and keys[-1].tolist() == [1, -1, -1, -1, 1, 1, 1]
    assert arrays["loss"].shape == (16, 2) and arrays["loss"][1].tolist() == [3, 4]


def test_a_union_counts_errors_where_a_table_has_them():
    space, keys, arrays = table_of(NESTED, 2, error=numpy.full((4, 2), 0.5))
    _, _, united = grid.union({"one": (space, keys, arrays), "other": table_of(NESTED, 2)})
    assert united["loss"][:4].tolist() == [[0.5, 0.5]] * 4 and united["loss"][4].tolist() == [0, 1]


@pytest.mark.parametrize("name, cells, parameters", [("S10", 7851, 29), ("S11", 3579, 17), ("S12", 3324, 13)])
def test_the_unions_are_as_large_as_their_tables_together(name, cells, parameters):
    space, keys, _ = grid.union({model: table_of(TABLES[part][2], 1) for model, part in UNIONS[name].items()})
    check(space, keys)
    assert keys.shape == (cells, parameters)


def unfinished(path, cells=None):
    keys = grid.cells(TREE)[:cells]
    return Unfinished(path, grid.as_searched(TREE), keys, {"loss": (2,), "seconds": (2,)}, each=list(range(len(keys))))


def test_an_unfinished_table_goes_on_where_it_was(tmp_path):
    table = unfinished(tmp_path / "u.npz", cells=5)
    table.record(1, 0, loss=0.5, seconds=2)
    table.save()
    more = unfinished(tmp_path / "u.npz")
    assert numpy.argwhere(more.known()).tolist() == [[1, 0]] and more.arrays["loss"][1, 0] == 0.5


def test_an_unfinished_table_of_other_cells_is_refused(tmp_path):
    unfinished(tmp_path / "u.npz").save()
    with pytest.raises(ValueError, match="another table"):
        Unfinished(tmp_path / "u.npz", grid.as_searched(NESTED), grid.cells(NESTED), {"loss": (2,), "seconds": (2,)})


def test_what_is_published_has_no_gaps(tmp_path):
    table = unfinished(tmp_path / "u.npz")
    assert table.publish_repeats(tmp_path / "t.npz") == 0 and not (tmp_path / "t.npz").exists()
    for cell in range(len(table.keys)):
        table.record(cell, 1, loss=cell, seconds=1)
    table.record(3, 0, loss=7, seconds=1)
    assert table.publish_repeats(tmp_path / "t.npz") == 1
    assert read_table(tmp_path / "t.npz")[2]["loss"].shape == (len(table.keys), 1)
    assert table.publish_cells(tmp_path / "t.npz") == 1
    _, keys, arrays, notes = read_table(tmp_path / "t.npz")
    assert keys.tolist() == [table.keys[3].tolist()] and arrays["loss"].tolist() == [[7, 3]] and notes == {"each": [3]}


FLAGS = samples.conditions_of({
    "unit": {"values": ["word", "bpe"]}, "bpe_size": {"values": [2000, 4000], "when": {"unit": "bpe"}}, "width": {"min": 50, "max": 300, "step": 50},
    "rate": {"min": 1e-4, "max": 1.0, "log": True}, "dropout": {"min": 0.0, "max": 0.5}})


def test_keys_of_samples_lead_back_to_them():
    for drawn in samples.draw(FLAGS, 50, seed=1):
        keys = samples.keys_of(FLAGS, drawn)
        assert samples.with_values(FLAGS, dict(zip(FLAGS, keys))) == drawn
        assert ("bpe_size" in drawn) == (drawn["unit"] == "bpe") and drawn["width"] % 50 == 0 and 1e-4 <= drawn["rate"] <= 1


def test_more_samples_begin_with_the_same_ones():
    assert samples.draw(FLAGS, 9, seed=1)[:5] == samples.draw(FLAGS, 5, seed=1) != samples.draw(FLAGS, 5, seed=2)


def test_defaults_outside_a_space_are_its_nearest_values():
    own = samples.defaults_in(FLAGS, {"unit": "bpe", "bpe_size": 3900, "width": 20, "rate": 1e-2, "dropout": 0.9})
    assert own == {"unit": "bpe", "bpe_size": 4000, "width": 50, "rate": 0.01, "dropout": 0.5}


def test_noise_figures_find_the_parts_again():
    chance = numpy.random.default_rng(3)
    loss = 0.3 + chance.normal(0, 0.05, (400, 1)) + chance.normal(0, 0.02, (1, 60)) + chance.normal(0, 0.01, (400, 60))
    assert noise_figures.two_way(loss) == pytest.approx((0.01, 0.05, 0.02), rel=0.25)


STUDY = {"fixed": {"model": "linear", "epochs": 2}, "parameters": {"learning_rate": {"min": 0.01, "max": 1.0, "log": True}, "char_max": {"min": 1, "max": 3}}}


def test_a_table_of_kre_train_grows_by_whole_rows(tmp_path):
    rows, study = tmp_path / "rows.json", tmp_path / "study.yaml"
    subprocess.run([PROGRAMS["kre-train"], "corpus", f"--out={rows}", "--rows=120"], check=True, capture_output=True)
    study.write_text(yaml.safe_dump(STUDY, sort_keys=False), encoding="utf-8")
    for count in 1, 3:
        subprocess.run([sys.executable, "-B", kre_train_tables.__file__, tmp_path, "small", "--program", PROGRAMS["kre-train"], "--study", study, "--data",
                        rows, "--rows", str(count), "--folds=2"], check=True, capture_output=True)
        space, keys, arrays, notes = read_table(tmp_path / "small.npz")
        assert arrays["curve"].shape == (count, 2, 2) and numpy.isfinite(arrays["curve"]).all() and (arrays["seconds"] > 0).all()
        assert arrays["loss"].tolist() == arrays["curve"].min(axis=2).tolist() and len(notes["configurations"]) == count
    assert space == STUDY["parameters"] and notes["configurations"][0] == {} and notes["fixed"] == STUDY["fixed"]
    assert keys[0].tolist() == [round(1000 * numpy.log(0.2 / 0.01) / numpy.log(100)), 2]  # learning_rate 0.2; char_max 4 is beyond the space
