/* Stepped ranges: low, low + step, low + 2·step … computed as people write them, so that 0.1 +
 * 2·0.1 is 0.3. */
#ifndef SCHEMA_SPACE_GRID_H
#define SCHEMA_SPACE_GRID_H

/* low + index · step, rounded to the decimal places that low and step are printed with (Optuna:
 * decimal.Decimal(str(x))). */
double grid_value(double low, double step, double index);

/* The largest index whose value is not above `high`; -1 when even `low` is. */
double grid_last_index(double low, double high, double step);

#endif
