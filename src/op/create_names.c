/* Names in the source that are good here, and not on every system on which the bag may be
 * extracted. Of each kind the first is told, and how many more there are. */
#include <stdio.h>
#include <string.h>

#include "bag/twins.h"
#include "base/path.h"
#include "op/create_impl.h"
#include "op/problems.h"

enum { MORE_SIZE = 64 };

static int tell(struct sealbag_problems *problems, enum sb_rule rule, const char *path,
                const char *sentence, size_t count)
{
    char more[MORE_SIZE] = "";
    if (count > 1)
        snprintf(more, sizeof(more), " So it is with %zu more.", count - 1);
    return sb_problems_add(problems, SEALBAG_WARNING, sb_rule_row(rule)->rule, path, "%s%s",
                           sentence, more);
}

static int doubt_bag(struct sealbag_problems *problems, const struct sb_create *create)
{
    const char *why = sb_path_not_portable(create->name, strlen(create->name));
    return why == NULL
               ? 0
               : sb_problems_add(problems, SEALBAG_WARNING,
                                 sb_rule_row(SB_RULE_PATH_NOT_PORTABLE)->rule, create->name,
                                 "Windows cannot create the bag's folder: its name %s. %s", why,
                                 sb_create_is_folder(create) ? "Name the folder otherwise."
                                                             : "Choose another with --name.");
}

static int doubt_documents(struct sealbag_problems *problems, const struct sb_inventory *documents)
{
    const char *path = NULL, *first = NULL;
    char sentence[200];
    size_t count = 0;
    for (size_t i = 0; i < documents->count; i++) {
        const char *name = documents->files[i].path;
        const char *why = sb_path_not_portable(name, strlen(name));
        if (why != NULL && count++ == 0) {
            path = name;
            first = why;
        }
    }
    if (count == 0)
        return 0;
    snprintf(sentence, sizeof(sentence), "Windows cannot create this file: its name %s.", first);
    return tell(problems, SB_RULE_PATH_NOT_PORTABLE, path, sentence, count);
}

static int doubt_twins(struct sealbag_problems *problems, const struct sb_inventory *documents)
{
    struct sb_findings findings = {0};
    int r = sb_twins_check(&findings, documents);
    if (r == 0 && findings.overflow)
        r = SEALBAG_ERR_MEMORY;
    if (r == 0 && findings.count > 0)
        r = tell(problems, SB_RULE_PATH_TWIN, findings.items[0].path, findings.items[0].sentence,
                 findings.count + findings.omitted);
    sb_findings_free(&findings);
    return r;
}

int sb_create_doubt_names(struct sealbag_problems *problems, const struct sb_create *create,
                          struct sb_error *error)
{
    if (problems == NULL)
        return 0;
    int r = doubt_bag(problems, create);
    if (r == 0)
        r = doubt_documents(problems, &create->documents);
    if (r == 0)
        r = doubt_twins(problems, &create->documents);
    return r < 0 ? sb_error_memory(error) : 0;
}
