#include "worker/data/label_set.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char *const klue_names[] = {
        "no_relation",
        "org:top_members/employees",
        "org:members",
        "org:product",
        "per:title",
        "org:alternate_names",
        "per:employee_of",
        "org:place_of_headquarters",
        "per:product",
        "org:number_of_employees/members",
        "per:children",
        "per:place_of_residence",
        "per:alternate_names",
        "per:other_family",
        "per:colleagues",
        "per:origin",
        "per:siblings",
        "per:spouse",
        "org:founded",
        "org:political/religious_affiliation",
        "org:member_of",
        "per:parents",
        "org:dissolved",
        "per:schools_attended",
        "per:date_of_death",
        "per:date_of_birth",
        "per:place_of_birth",
        "per:place_of_death",
        "org:founded_by",
        "per:religion",
};

static const char *const klue_exported[COUNT(klue_names)] = {
        "no_relation",
        "org:dissolved",
        "org:founded",
        "org:place_of_headquarters",
        "org:alternate_names",
        "org:member_of",
        "org:members",
        "org:political/religious_affiliation",
        "org:product",
        "org:founded_by",
        "org:top_members/employees",
        "org:number_of_employees/members",
        "per:date_of_birth",
        "per:date_of_death",
        "per:place_of_birth",
        "per:place_of_death",
        "per:place_of_residence",
        "per:origin",
        "per:employee_of",
        "per:schools_attended",
        "per:alternate_names",
        "per:parents",
        "per:children",
        "per:siblings",
        "per:spouse",
        "per:other_family",
        "per:colleagues",
        "per:product",
        "per:religion",
        "per:title",
};

static const char *const klue_types[] = {"PER", "ORG", "LOC", "DAT", "POH", "NOH", NULL};

static const char *const semeval_names[] = {
        "Cause-Effect(e1,e2)",
        "Cause-Effect(e2,e1)",
        "Instrument-Agency(e1,e2)",
        "Instrument-Agency(e2,e1)",
        "Product-Producer(e1,e2)",
        "Product-Producer(e2,e1)",
        "Content-Container(e1,e2)",
        "Content-Container(e2,e1)",
        "Entity-Origin(e1,e2)",
        "Entity-Origin(e2,e1)",
        "Entity-Destination(e1,e2)",
        "Entity-Destination(e2,e1)",
        "Component-Whole(e1,e2)",
        "Component-Whole(e2,e1)",
        "Member-Collection(e1,e2)",
        "Member-Collection(e2,e1)",
        "Message-Topic(e1,e2)",
        "Message-Topic(e2,e1)",
        "Other",
};

static const char *const semeval_exported[COUNT(semeval_names)] = {
        "Cause-Effect(e1,e2)",
        "Cause-Effect(e2,e1)",
        "Component-Whole(e1,e2)",
        "Component-Whole(e2,e1)",
        "Content-Container(e1,e2)",
        "Content-Container(e2,e1)",
        "Entity-Destination(e1,e2)",
        "Entity-Destination(e2,e1)",
        "Entity-Origin(e1,e2)",
        "Entity-Origin(e2,e1)",
        "Instrument-Agency(e1,e2)",
        "Instrument-Agency(e2,e1)",
        "Member-Collection(e1,e2)",
        "Member-Collection(e2,e1)",
        "Message-Topic(e1,e2)",
        "Message-Topic(e2,e1)",
        "Product-Producer(e1,e2)",
        "Product-Producer(e2,e1)",
        "Other",
};

static const struct label_set sets[] = {
        {
                .name = "klue",
                .names = klue_names,
                .exported = klue_exported,
                .count = COUNT(klue_names),
                .negative = 0,
                .types = klue_types,
                .unlabelled = "100",
        },
        {
                .name = "semeval",
                .names = semeval_names,
                .exported = semeval_exported,
                .count = COUNT(semeval_names),
                .negative = COUNT(semeval_names) - 1,
                .directed = true,
        },
};

const struct label_set *label_set_klue(void)
{
	return &sets[0];
}

const struct label_set *label_set_semeval(void)
{
	return &sets[1];
}

const struct label_set *label_set_named(const char *name)
{
	for (size_t i = 0; i < COUNT(sets); i++)
		if (strcmp(sets[i].name, name) == 0)
			return &sets[i];
	return NULL;
}

int label_set_find(const struct label_set *set, const char *label)
{
	for (size_t i = 0; i < set->count; i++)
		if (strcmp(set->names[i], label) == 0)
			return (int)i;
	return LABEL_NONE;
}

bool label_set_has_type(const struct label_set *set, const char *type)
{
	if (!set->types)
		return true;
	for (size_t i = 0; set->types[i]; i++)
		if (strcmp(set->types[i], type) == 0)
			return true;
	return false;
}
