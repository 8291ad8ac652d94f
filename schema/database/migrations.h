/* The trial file's tables as SQL, embedded from migrations/ (one file per version of our schema,
 * commented there).
 *
 * To change the tables: add the next NNNN_name.sql, list it here and in meson.build, never touch an
 * old one. The version of a file is the number of the last migration that ran in it, kept in
 * kre_schema; user_version stays Optuna's (0). */
#ifndef SCHEMA_DATABASE_MIGRATIONS_H
#define SCHEMA_DATABASE_MIGRATIONS_H

struct migration {
	int version;      /* 1, 2, 3 … without a gap */
	const char *name; /* "0001_optuna" */
	const char *sql;  /* statements; to be run once, in a transaction */
};

/* In order, ended by sql NULL. */
extern const struct migration migrations[];

/* The version of a file in which all of them ran. */
int migrations_latest(void);

/* Drops and makes the views: run after the migrations, whenever the file is opened. */
extern const char views_sql[];

/* The names of the views, ended by NULL. */
extern const char *const view_names[];

/* The Optuna revisions (alembic_version) whose tables are these, ended by NULL. */
extern const char *const optuna_revisions[];

#endif
