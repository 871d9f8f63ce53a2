#include "base/rule.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROW(name, rule, severity, exit_code, text, reference)                                      \
    {(rule), SEALBAG_##severity, (exit_code), (text), (reference)},
static const struct sb_rule_row rows[] = {SB_RULES(ROW)};
#undef ROW

const struct sb_rule_row *sb_rule_row(enum sb_rule rule)
{
    return &rows[rule];
}

bool sb_rule_judged_here(enum sb_rule rule)
{
#define READ_THERE(name, rule, severity, exit_code, text, reference)  false,
#define JUDGED_HERE(name, rule, severity, exit_code, text, reference) true,
    static const bool here[] = {SB_RULES_OF(READ_THERE, JUDGED_HERE)};
#undef READ_THERE
#undef JUDGED_HERE
    return here[rule];
}

enum sb_rule sb_rule_by_name(const char *name)
{
    unsigned i = 0;
    while (i < SB_RULE_COUNT && strcmp(rows[i].rule, name) != 0)
        i++;
    return (enum sb_rule)i;
}

int sb_rule_error(struct sb_error *error, enum sb_rule rule, const char *format, ...)
{
    int code = rows[rule].exit_code == 1      ? SEALBAG_ERR_DAMAGED
               : rule == SB_RULE_LIMIT        ? SEALBAG_ERR_LIMIT
               : rule == SB_RULE_INPUT_FAILED ? SEALBAG_ERR_IO
                                              : SEALBAG_ERR_UNSUPPORTED;
    char message[sizeof(error->message)];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    return sb_error_rule(error, code, rows[rule].rule, "%s", message);
}

void sb_findings_see(struct sb_findings *findings, enum sb_rule rule)
{
    findings->seen[rule] = true;
    findings->exit_code = sealbag_exit_worse(findings->exit_code, rows[rule].exit_code);
}

static void add(struct sb_findings *findings, enum sb_rule rule, const char *path,
                const char *sentence)
{
    size_t path_len = path != NULL ? strlen(path) : 0;
    size_t len = strlen(sentence);
    sb_findings_see(findings, rule);
    if (findings->bytes > SB_FINDINGS_MAX_BYTES) {
        findings->omitted++;
        return;
    }
    findings->bytes += sizeof(struct sealbag_finding) + path_len + len;
    struct sealbag_finding *items =
        sb_array_grow(findings->items, &findings->cap, findings->count, sizeof(*items));
    if (items != NULL)
        findings->items = items;
    char *own_path = path != NULL ? sb_arena_copy(&findings->strings, path, path_len) : NULL;
    char *own_sentence = sb_arena_copy(&findings->strings, sentence, len);
    if (items == NULL || own_sentence == NULL || (path != NULL && own_path == NULL)) {
        findings->overflow = true;
        return;
    }
    items[findings->count++] = (struct sealbag_finding){
        .severity = rows[rule].severity,
        .exit_code = rows[rule].exit_code,
        .rule = rows[rule].rule,
        .path = own_path,
        .sentence = own_sentence,
    };
}

void sb_findings_add(struct sb_findings *findings, enum sb_rule rule, const char *path,
                     const char *format, ...)
{
    char sentence[8192];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof(sentence), format, arguments);
    va_end(arguments);
    add(findings, rule, path, sentence);
}

void sb_findings_add_error(struct sb_findings *findings, const struct sb_error *error)
{
    enum sb_rule rule = error->rule != NULL ? sb_rule_by_name(error->rule) : SB_RULE_COUNT;
    add(findings, rule == SB_RULE_COUNT ? SB_RULE_INPUT_FAILED : rule, NULL, error->message);
}

bool sb_findings_has(const struct sb_findings *findings, enum sb_rule rule)
{
    return findings->seen[rule];
}

bool sb_rule_of_profile(enum sb_rule rule)
{
    return strncmp(sb_rule_row(rule)->rule, "profile.", 8) == 0;
}

int sb_findings_content_code(const struct sb_findings *findings)
{
    int code = 0;
    for (unsigned i = 0; i < SB_RULE_COUNT; i++) {
        enum sb_rule rule = (enum sb_rule)i;
        if (findings->seen[i] && !sb_rule_of_profile(rule))
            code = sealbag_exit_worse(code, sb_rule_row(rule)->exit_code);
    }
    return code;
}

static int badness(int exit_code)
{
    static const int order[] = {0, 3, 4, 6, 5, 1};
    for (int i = 0; i < 6; i++) {
        if (order[i] == exit_code)
            return i;
    }
    return 6;
}

int sealbag_exit_worse(int a, int b)
{
    return badness(a) >= badness(b) ? a : b;
}

int sb_findings_exit_code(const struct sb_findings *findings)
{
    return findings->exit_code;
}

void sb_findings_free(struct sb_findings *findings)
{
    free(findings->items);
    sb_arena_free(&findings->strings);
    *findings = (struct sb_findings){0};
}
