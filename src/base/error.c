#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct row {
    int code;
    const char *rule;
    const char *text;
};

#define ROW(name, value, rule, text) {(value), (rule), (text)},
static const struct row rows[] = {SEALBAG_ERRORS(ROW)};
#undef ROW

static const struct row *find_row(int code)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].code == code)
            return &rows[i];
    }
    return NULL;
}

const char *sealbag_error_text(int code)
{
    if (code == SEALBAG_OK)
        return "there is no error";
    const struct row *row = find_row(code);
    return row != NULL ? row->text : "an unknown error";
}

const char *sb_error_rule_of(int code)
{
    const struct row *row = find_row(code);
    return row != NULL ? row->rule : "error";
}

static int fill(struct sb_error *error, int code, const char *rule, const char *format,
                va_list arguments) SB_PRINTF(4, 0);

static int fill(struct sb_error *error, int code, const char *rule, const char *format,
                va_list arguments)
{
    if (error == NULL)
        return code;
    error->code = code;
    error->rule = rule != NULL ? rule : sb_error_rule_of(code);
    vsnprintf(error->message, sizeof(error->message), format, arguments);
    return code;
}

int sb_error_set(struct sb_error *error, int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fill(error, code, NULL, format, arguments);
    va_end(arguments);
    return code;
}

int sb_error_rule(struct sb_error *error, int code, const char *rule, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fill(error, code, rule, format, arguments);
    va_end(arguments);
    return code;
}

void sb_error_add(struct sb_error *error, const char *format, ...)
{
    if (error == NULL)
        return;
    size_t len = strlen(error->message);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message + len, sizeof(error->message) - len, format, arguments);
    va_end(arguments);
}

static const char *advice_for(int errnum)
{
    switch (errnum) {
    case ENOENT:
        return " Check the name.";
    case EACCES:
    case EPERM:
        return " Check who may use it.";
    case EMFILE:
    case ENFILE:
        return " Allow more open files (ulimit -n), or use fewer threads (-j).";
    case EROFS:
        return " Write to another disk, or make this one writable.";
    case ENOSPC:
    case EDQUOT:
        return " Make room, then try again.";
    default:
        return "";
    }
}

int sb_error_errno(struct sb_error *error, int errnum, const char *verb, const char *path)
{
    int code = SEALBAG_ERR_IO;
    if (errnum == ENOENT || errnum == ENOTDIR)
        code = SEALBAG_ERR_NOT_FOUND;
    else if (errnum == EEXIST)
        code = SEALBAG_ERR_EXISTS;
    else if (errnum == ENOMEM)
        code = SEALBAG_ERR_MEMORY;
    char shown[1024];
    char reason[128];
    if (strerror_r(errnum, reason, sizeof(reason)) != 0)
        snprintf(reason, sizeof(reason), "error %d", errnum);
    return sb_error_set(error, code, "Cannot %s %s: %s.%s", verb,
                        sealbag_text_escape(shown, sizeof(shown), path), reason,
                        advice_for(errnum));
}

int sb_error_memory(struct sb_error *error)
{
    return sb_error_set(
        error, SEALBAG_ERR_MEMORY,
        "There is not enough memory. Close other programs, or use a machine with more.");
}
