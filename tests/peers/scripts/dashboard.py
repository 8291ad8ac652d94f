"""FILE: asks optuna-dashboard for its list and for every study, and prints {path: status}."""

import io
import json
import sys
import warnings

warnings.simplefilter("ignore")

import optuna  # noqa: E402
import optuna_dashboard  # noqa: E402

storage = optuna.storages.RDBStorage(f"sqlite:///{sys.argv[1]}")
app = optuna_dashboard.wsgi(storage)


def get(path):
    status = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "here", "SERVER_PORT": "80",
               "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr, "wsgi.url_scheme": "http", "wsgi.version": (1, 0)}
    for _ in app(environ, lambda line, headers, *rest: status.append(int(line.split()[0]))):
        pass
    return status[0]


paths = ["/api/studies"]
for study in storage.get_all_studies():
    paths += [f"/api/studies/{study._study_id}", f"/api/studies/{study._study_id}/param_importances"]
print(json.dumps({path: get(path) for path in paths}))
