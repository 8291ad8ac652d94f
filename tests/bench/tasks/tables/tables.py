"""The tables' names, data sets, spaces and learners, and which of them are one table together. No library is asked for here."""
from grid import choice, geometric, steps

NOT_LINEAR = {"kernel": ["rbf", "poly", "sigmoid"]}
SVC = {
    "kernel": choice("linear", "rbf", "poly", "sigmoid"),
    "gamma": geometric(1e-5, 1.0, 11, NOT_LINEAR),
    "degree": steps(2, 3, 4, 5, when={"kernel": ["poly"]}),
    "coef0": steps(0.0, 0.5, 1.0, when={"kernel": ["poly", "sigmoid"]}),
    "C": geometric(1e-2, 1e3, 11),
}
KERNEL_RIDGE = {
    "kernel": choice("linear", "rbf", "laplacian", "poly"),
    "gamma": geometric(1e-4, 10.0, 12, {"kernel": ["rbf", "laplacian", "poly"]}),
    "degree": steps(2, 3, 4, when={"kernel": ["poly"]}),
    "coef0": steps(0.0, 0.5, 1.0, when={"kernel": ["poly"]}),
    "alpha": geometric(1e-4, 100.0, 12),
}
NEIGHBOURS = {
    "scaler": choice("none", "standard", "min_max"),
    "pca": choice("no", "yes"),
    "components": steps(2, 4, 8, 12, 16, 24, 32, when={"pca": ["yes"]}),
    "metric": choice("minkowski", "cosine", "chebyshev"),
    "p": steps(1.0, 2.0, 4.0, when={"metric": ["minkowski"]}),
    "weights": choice("uniform", "distance"),
    "k": steps(1, 2, 3, 4, 5, 6, 8, 11, 15, 21, 30, 45),
}
SGD = {
    "loss": choice("hinge", "log_loss"),
    "penalty": choice("l2", "l1", "elasticnet"),
    "l1_ratio": steps(0.15, 0.4, 0.65, 0.9, when={"penalty": ["elasticnet"]}),
    "alpha": geometric(1e-6, 0.1, 6),
    "learning_rate": choice("optimal", "constant", "invscaling"),
    "eta0": geometric(1e-4, 1.0, 5, {"learning_rate": ["constant", "invscaling"]}),
    "power_t": steps(0.1, 0.25, 0.5, when={"learning_rate": ["invscaling"]}),
}
MLP = {
    "width": steps(16, 48, 128),
    "alpha": geometric(1e-5, 0.1, 3),
    "batch_size": steps(32, 128),
    "learning_rate_init": geometric(1e-4, 0.1, 7),
    "solver": choice("adam", "sgd"),
    "beta_1": steps(0.5, 0.8, 0.95, when={"solver": ["adam"]}),
    "momentum": steps(0.5, 0.9, 0.98, when={"solver": ["sgd"]}),
    "schedule": choice("constant", "invscaling", when={"solver": ["sgd"]}),
    "power_t": steps(0.1, 0.3, when={"schedule": ["invscaling"]}),
}
HISTOGRAM_BOOSTING = {
    "learning_rate": geometric(0.01, 1.0, 8),
    "max_leaf_nodes": steps(3, 6, 12, 24),
    "min_samples_leaf": steps(3, 12, 40),
    "l2_regularization": steps(0.0, 1.0, 10.0),
    "max_features": steps(0.2, 0.5, 1.0),
}
BOOSTING = {
    "loss": choice("squared_error", "huber"),
    "alpha": steps(0.7, 0.85, 0.95, when={"loss": ["huber"]}),
    "learning_rate": geometric(0.01, 0.5, 6),
    "max_depth": steps(1, 2, 3, 5),
    "subsample": steps(0.4, 0.7, 1.0),
    "max_features": steps(0.2, 0.5, 1.0),
    "min_samples_leaf": steps(3, 20),
}
FOREST = {
    "criterion": choice("gini", "entropy"),
    "max_depth": steps(2, 4, 7, 12),
    "min_samples_leaf": steps(1, 3, 8, 20),
    "max_features": steps(0.1, 0.25, 0.5, 1.0),
    "bootstrap": choice("no", "yes"),
    "max_samples": steps(0.2, 0.4, 0.6, 0.8, 1.0, when={"bootstrap": ["yes"]}),
}

# name: (learner in learners.py, data set, space, repeats, epochs, has it an error of its own beside its loss)
TABLES = {
    "S1": ("fit_svc", "digits600", SVC, 10, 0, False),
    "S2": ("fit_svc", "breast", SVC, 10, 0, False),
    "S3": ("fit_kernel_ridge", "diabetes", KERNEL_RIDGE, 10, 0, False),
    "S4": ("fit_neighbours", "digits600", NEIGHBOURS, 10, 0, False),
    "S5": ("fit_sgd", "digits600", SGD, 3, 20, False),
    "S6": ("fit_mlp", "digits600", MLP, 3, 20, False),
    "S7": ("fit_histogram_boosting", "breast", HISTOGRAM_BOOSTING, 5, 50, True),
    "S8": ("fit_boosting", "diabetes", BOOSTING, 5, 50, False),
    "S9": ("fit_forest", "breast", FOREST, 5, 4, True),
}
UNIONS = {
    "S10": {"svc": "S1", "neighbours": "S4", "sgd": "S5", "mlp": "S6"},
    "S11": {"svc": "S2", "boosting": "S7", "forest": "S9"},
    "S12": {"ridge": "S3", "boosting": "S8"},
}
ORDER = ("S1", "S3", "S2", "S4", "S5", "S6", "S8", "S7", "S9")
