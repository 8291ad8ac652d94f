# One SQL file as C string literals, line by line.
# SQLAlchemy leaves a blank behind a comma at a line's end; our sources do not, but Optuna's tables must be equal.
s/,$/, /
s/[\\"]/\\&/g
s/^/"/
s/$/\\n"/
