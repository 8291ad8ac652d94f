"""What one fit of each table is: a fold of a data set and a configuration → loss, and where there are epochs the curve."""
import time
import warnings

import numpy
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.decomposition import PCA
from sklearn.ensemble import GradientBoostingRegressor, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import log_loss, pairwise_distances, pairwise_kernels, root_mean_squared_error
from sklearn.model_selection import RepeatedKFold, RepeatedStratifiedKFold, train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC

EPOCHS, ROUNDS, FORESTS = 20, 50, (5, 10, 20, 40)

warnings.filterwarnings("ignore")  # solvers that stop early and matrices that are nearly singular are part of a grid


def load(name):
    if name == "digits600":
        data, target = load_digits(return_X_y=True)
        data, _, target, _ = train_test_split(data, target, train_size=600, stratify=target, random_state=0)
        return data, target
    return {"breast": load_breast_cancer, "diabetes": load_diabetes}[name](return_X_y=True)


class Fold:
    """One of the ten folds (two times five) of a data set: the same rows for every table."""

    def __init__(self, name, repeat):
        data, target = load(name)
        dealer = (RepeatedKFold if name == "diabetes" else RepeatedStratifiedKFold)(n_splits=5, n_repeats=2, random_state=1)
        train, test = list(dealer.split(data, target))[repeat]
        self.raw, self.target, self.test_target = (data[train], data[test]), target[train], target[test]
        scaler = StandardScaler().fit(data[train])
        self.train, self.test = scaler.transform(data[train]), scaler.transform(data[test])
        self.seed, self.kept, self.saved_s = repeat + 1, {}, 0.0

    def shared(self, stage, key, make):
        """make()'s result, worked out once for cells in a row that have the same key; its seconds count for each of them."""
        known = self.kept.get(stage)
        if known is None or known[0] != key:
            begin = time.process_time()
            made = make()
            self.kept[stage] = known = (key, made, time.process_time() - begin)
        else:
            self.saved_s += known[2]
        return known[1]

    def kernels(self, kernel, **settings):
        """Kernel matrices of the training rows, and of the test rows with them."""
        def make():
            return [pairwise_kernels(rows, self.train, metric=kernel, filter_params=True, **settings) for rows in (self.train, self.test)]
        return self.shared("kernels", (kernel, *settings.items()), make)


def error_of(model, rows, target):
    return 1 - model.score(rows, target)


def fit_svc(fold, C, kernel, **settings):
    train, test = fold.kernels(kernel, **settings)
    model = SVC(kernel="precomputed", C=C, max_iter=20_000).fit(train, fold.target)
    return {"loss": error_of(model, test, fold.test_target)}


def fit_kernel_ridge(fold, alpha, kernel, **settings):
    train, test = fold.kernels(kernel, **settings)
    middle = fold.target.mean()
    model = KernelRidge(kernel="precomputed", alpha=alpha).fit(train, fold.target - middle)
    return {"loss": root_mean_squared_error(fold.test_target, model.predict(test) + middle)}


def scaled(fold, scaler):
    if scaler == "none":
        return fold.raw
    fitted = {"standard": StandardScaler, "min_max": MinMaxScaler}[scaler]().fit(fold.raw[0])
    return [fitted.transform(rows) for rows in fold.raw]


def distances(fold, scaler, metric, components=None, p=2):
    train, test = scaled(fold, scaler)
    if components:
        pca = PCA(components, random_state=0).fit(train)
        train, test = pca.transform(train), pca.transform(test)
    power = {"p": p} if metric == "minkowski" else {}
    return [pairwise_distances(rows, train, metric=metric, **power) for rows in (train, test)]


def fit_neighbours(fold, weights, k, pca, **settings):
    train, test = fold.shared("distances", (pca, *settings.items()), lambda: distances(fold, **settings))
    model = KNeighborsClassifier(k, weights=weights, metric="precomputed").fit(train, fold.target)
    return {"loss": error_of(model, test, fold.test_target)}


def by_epochs(fold, model):
    classes, curve = numpy.unique(fold.target), []
    for _ in range(EPOCHS):
        model.partial_fit(fold.train, fold.target, classes=classes)
        curve.append(error_of(model, fold.test, fold.test_target))
    return {"loss": curve[-1], "curve": curve}


def fit_sgd(fold, **settings):
    return by_epochs(fold, SGDClassifier(random_state=fold.seed, **settings))


def fit_mlp(fold, width, schedule="constant", **settings):
    return by_epochs(fold, MLPClassifier((width,), learning_rate=schedule, random_state=fold.seed, **settings))


def fit_histogram_boosting(fold, **settings):
    model = HistGradientBoostingClassifier(max_iter=ROUNDS, early_stopping=False, random_state=fold.seed, **settings).fit(fold.train, fold.target)
    curve = [log_loss(fold.test_target, chances, labels=model.classes_) for chances in model.staged_predict_proba(fold.test)]
    return {"loss": curve[-1], "curve": curve, "error": error_of(model, fold.test, fold.test_target)}


def fit_boosting(fold, **settings):
    model = GradientBoostingRegressor(n_estimators=ROUNDS, random_state=fold.seed, **settings).fit(fold.train, fold.target)
    curve = [root_mean_squared_error(fold.test_target, guesses) for guesses in model.staged_predict(fold.test)]
    return {"loss": curve[-1], "curve": curve}


def fit_forest(fold, bootstrap, **settings):
    model, curve = RandomForestClassifier(warm_start=True, bootstrap=bootstrap == "yes", random_state=fold.seed, **settings), []
    for trees in FORESTS:
        chances = model.set_params(n_estimators=trees).fit(fold.train, fold.target).predict_proba(fold.test)
        curve.append(((chances[:, 1] - fold.test_target) ** 2).mean())
    return {"loss": curve[-1], "curve": curve, "error": error_of(model, fold.test, fold.test_target)}
