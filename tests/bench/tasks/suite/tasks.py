"""The tasks of split.json by name, FAMILY/DATA_SET."""
import dataclasses
import functools
import json
import pathlib

HERE = pathlib.Path(__file__).resolve().parents[1]
SURROGATES, PACKAGED = ("lcbench", "rbv2_xgboost"), ("hpobench", "fcnet", "nasbench201")
CONDITIONAL = ("rbv2_xgboost", "sklearn")
SPLITS = {"D": "development", "T": "publication"}


@dataclasses.dataclass(frozen=True)
class Places:
    """Where things are, as far as they are needed."""
    build: pathlib.Path | None
    environments: pathlib.Path | None
    data: pathlib.Path | None
    tables: pathlib.Path | None
    cache: pathlib.Path


def names_of(split):
    families = json.loads((HERE / "split.json").read_text())[SPLITS[split]]
    return [f"{family}/{data_set}" for family, data_sets in families.items() for data_set in data_sets]


def missing_file(name, places):
    """The file without which this task cannot be run, or None."""
    family, data_set = name.split("/")
    if family in SURROGATES:
        path = None if places.data is None else places.data / family / "model.onnx"
        return None if path is not None and path.exists() else path or "--data"
    if family in PACKAGED:
        return None
    path = None if places.tables is None else places.tables / f"{data_set}.npz"
    return None if path is not None and path.exists() else path or "--tables"


@functools.cache
def load(name, places):
    family, data_set = name.split("/")
    places.cache.mkdir(parents=True, exist_ok=True)
    if family in SURROGATES:
        from suite.surrogate import Surrogate
        return Surrogate(family, data_set, places.data, places.cache)
    from suite.stored import Stored, unpack
    if family not in PACKAGED:
        return Stored(family, data_set, places.tables / f"{data_set}.npz")
    path = places.cache / f"{family}.{data_set}.npz"
    if not path.exists():
        unpack(family, data_set, path)
    return Stored(family, data_set, path)
