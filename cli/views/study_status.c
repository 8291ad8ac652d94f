#include "cli/views/study_status.h"

#include "cli/terminal/format.h"
#include "cli/terminal/table.h"
#include "cli/views/field.h"
#include "cli/views/pareto_front.h"
#include "cli/views/study_list.h"
#include "schema/space/json.h"

const cJSON *study_best(const cJSON *study)
{
	const cJSON *best = cJSON_GetObjectItemCaseSensitive(study, "best");
	return cJSON_IsObject(best) ? best : NULL;
}

void study_status_line(const cJSON *study, size_t columns, struct text *out)
{
	double budget = json_double(study, "budget_trials", 0), finished = study_finished(study);
	const cJSON *best = study_best(study);
	text_printf(out, "%s  %s  ", json_string(study, "name", ""), json_string(study, "state", ""));
	if (budget > 0 && columns > 0) {
		format_bar(finished / budget, columns, out);
		text_append(out, "  ");
	}
	text_printf(out, budget > 0 ? "%.0f/%.0f trials" : "%.0f trials", finished, budget);
	if (study_has_front(study)) {
		text_printf(out, "  %zu on the front", study_front_count(study));
	} else if (best) {
		text_append(out, "  best ");
		format_value(field_number(best, "value"), out);
		text_printf(out, " (trial %.0f)", field_number(best, "number"));
	}
	if (field_number(study, "eta_s") > 0) {
		text_append(out, "  ETA ");
		format_duration(field_number(study, "eta_s"), out);
	}
	text_printf(out, "  %.0f running  %.0f pruned  %.0f failed", study_count(study, "RUNNING"),
	        study_count(study, "PRUNED"), study_count(study, "FAIL"));
}

static const struct column worker_columns[] = {
        {"worker", .flexible = true},
        {"running", .right = true},
        {"finished", .right = true},
        {"idle", .right = true},
};

static int print_workers(const cJSON *workers, const struct output *output)
{
	struct table table;
	const cJSON *worker;
	table_init(&table, worker_columns, 4);
	cJSON_ArrayForEach(worker, workers)
	{
		struct text cells[3] = {0};
		format_value(field_number(worker, "running"), &cells[0]);
		format_value(field_number(worker, "finished"), &cells[1]);
		format_duration(field_number(worker, "idle_s"), &cells[2]);
		table_add(&table, (const char *[]){json_string(worker, "name", ""), text_string(&cells[0]),
		                          text_string(&cells[1]), text_string(&cells[2])});
		for (size_t i = 0; i < 3; i++)
			text_finish(&cells[i]);
	}
	int code = table.row_count ? table_print(&table, output) : EXIT_OK;
	table_finish(&table);
	return code;
}

int study_status_print(const cJSON *study, const struct output *output)
{
	struct text text = TEXT_NULL;
	const cJSON *warning, *warnings = cJSON_GetObjectItemCaseSensitive(study, "warnings");
	study_status_line(study, output->terminal ? 20 : 0, &text);
	text_append(&text, "\n");
	if (study_best(study) && !study_has_front(study)) {
		text_append(&text, "  ");
		format_params(cJSON_GetObjectItemCaseSensitive(study_best(study), "params"), &text);
		text_append(&text, "\n");
	}
	if (*json_string(study, "sampler_note", ""))
		text_printf(&text, "  sampler %s\n", json_string(study, "sampler_note", ""));
	cJSON_ArrayForEach(warning, warnings)
	        text_printf(&text, "  warning: %s\n", cJSON_IsString(warning) ? warning->valuestring : "");
	int rc = output_text(output, &text);
	text_finish(&text);
	return rc ? EXIT_FAILED : print_workers(cJSON_GetObjectItemCaseSensitive(study, "workers"), output);
}
