"""Ids of real checkpoints, where they are: KRE_CHECKPOINTS names a folder of them with golden.json, the ids by the original programs."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

from support.programs import BUILD

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import golden  # noqa: E402 (beside this file)

CHECKPOINTS = os.environ.get("KRE_CHECKPOINTS")
PROGRAM = BUILD / "tests" / "test_tokenizers_as_the_originals"
SOURCES = [("minilm-l6-h384-uncased", ["tokenizer.json", "tokenizer_config.json"]), ("minilm-l6-h384-uncased", ["vocab.txt", "tokenizer_config.json"]),
           ("e5-small-ko-en", ["tokenizer.json", "tokenizer_config.json"])]

pytestmark = [pytest.mark.skipif(not CHECKPOINTS, reason="KRE_CHECKPOINTS names no folder of checkpoints"),
              pytest.mark.skipif(not PROGRAM.exists(), reason="the unit tests are not built")]


@pytest.fixture(scope="module")
def texts():
    shared = pathlib.Path(CHECKPOINTS).parent
    own = json.loads((shared / "golden/encoders/tokenizers/texts.json").read_text(encoding="utf-8"))
    klue = json.loads((shared / "data/klue-re/klue-re-sample.json").read_text(encoding="utf-8"))[:200]
    semeval = (shared / "data/semeval2010/TRAIN_FILE.TXT").read_bytes().decode("latin-1")
    return {"texts": own, "klue": [row["sentence"] for row in klue], "semeval": re.findall(r'^\d+\t"(.*)"\r?$', semeval, re.M)[:200]}


@pytest.mark.parametrize("name, files", SOURCES)
def test_ids_are_those_of_the_original_programs(tmp_path, texts, name, files):
    ids = json.loads((pathlib.Path(CHECKPOINTS) / "golden.json").read_text(encoding="utf-8"))[name]["ids"]
    for file in files:
        shutil.copy(pathlib.Path(CHECKPOINTS) / name / file, tmp_path)
    golden.write_texts(tmp_path / "texts.txt", [text for part in ids for text in texts[part]])
    golden.write_ids(tmp_path / "ids.txt", [row for part in ids for row in ids[part]])
    done = subprocess.run([PROGRAM], env=dict(os.environ, KRE_TOKENIZER=str(tmp_path), KRE_TOKENIZER_FROM=str(tmp_path)), text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=180)
    assert done.returncode == 0 and "[       OK ] a_tokenizer_from_elsewhere" in done.stdout, done.stdout
