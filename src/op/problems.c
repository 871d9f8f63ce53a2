#include "op/problems.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

int sb_problems_add(struct sealbag_problems *problems, enum sealbag_severity severity,
                    const char *rule, const char *path, const char *format, ...)
{
    struct sb_buf text = {0};
    va_list arguments;
    int r = 0;
    if (problems == NULL)
        return 0;
    if (path != NULL)
        r = sb_text_escape(&text, path, strlen(path));
    if (r == 0 && path != NULL)
        r = sb_buf_puts(&text, ": ");
    va_start(arguments, format);
    if (r == 0)
        r = sb_buf_vprintf(&text, format, arguments);
    va_end(arguments);
    struct sealbag_problem *items =
        r == 0 ? sb_array_grow(problems->items, &problems->cap, problems->count, sizeof(*items))
               : NULL;
    if (items == NULL) {
        sb_buf_free(&text);
        return SEALBAG_ERR_MEMORY;
    }
    problems->items = items;
    items[problems->count++] =
        (struct sealbag_problem){.severity = severity, .rule = rule, .sentence = (char *)text.data};
    return 0;
}

void sealbag_problems_free(struct sealbag_problems *problems)
{
    if (problems == NULL)
        return;
    for (size_t i = 0; i < problems->count; i++)
        free(problems->items[i].sentence);
    free(problems->items);
    *problems = (struct sealbag_problems){0};
}
