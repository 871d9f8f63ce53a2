/* What the privacy check found, for people. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <sealbag/privacy.h>

#include "report/report.h"

enum { SHOWN = 5 }; /* of each rule and field */

/* Findings of one rule and field stand together; the rest is as it was. */
struct place {
    const struct sealbag_privacy_finding *finding;
    size_t number;
};

static int by_group(const void *a, const void *b)
{
    const struct place *left = a, *right = b;
    int r = strcmp(left->finding->rule, right->finding->rule);
    if (r == 0)
        r = strcmp(left->finding->field, right->finding->field);
    if (r == 0)
        r = (left->number > right->number) - (left->number < right->number);
    return r;
}

static bool same_group(const struct place *a, const struct place *b)
{
    return strcmp(a->finding->rule, b->finding->rule) == 0 &&
           strcmp(a->finding->field, b->finding->field) == 0;
}

static const char *what(const struct sealbag_privacy_finding *finding)
{
    if (finding->field[0] != 0)
        return finding->field;
    return strcmp(finding->rule, "privacy.unreadable") == 0 ? "trouble" : "kind of file";
}

static void write_findings(FILE *to, const struct place *places, size_t count, bool all,
                           const char *intro)
{
    for (size_t i = 0; i < count;) {
        size_t end = i + 1;
        while (end < count && same_group(&places[i], &places[end]))
            end++;
        /* One that is left is shown rather than counted. */
        size_t shown = all || end - i <= SHOWN + 1 ? end - i : SHOWN;
        for (size_t j = i; j < i + shown; j++)
            fprintf(to, "%s%s [%s]\n", intro, places[j].finding->sentence, places[j].finding->rule);
        if (shown < end - i)
            fprintf(to, "%sThe same %s in %zu more places%s. [%s]\n", intro,
                    what(places[i].finding), end - i - shown,
                    places[i].finding->in_text ? "" : ": sealbag privacy --all lists them",
                    places[i].finding->rule);
        i = end;
    }
}

static void write_kinds(FILE *to, const struct sealbag_privacy *check, const char *intro)
{
    enum { KINDS = 8 };
    uint64_t files = 0, others = 0;
    for (size_t i = 0; i < check->kind_count; i++) {
        files += check->kinds[i].files;
        if (i >= KINDS)
            others += check->kinds[i].files;
    }
    if (files == 0)
        return;
    fprintf(to, "%sNot looked into, being of kinds that it does not know: %" PRIu64 " %s (", intro,
            files, files == 1 ? "file" : "files");
    for (size_t i = 0; i < check->kind_count && i < KINDS; i++)
        fprintf(to, "%s%s %" PRIu64, i > 0 ? ", " : "",
                check->kinds[i].ending[0] != 0 ? check->kinds[i].ending : "other names",
                check->kinds[i].files);
    if (others > 0)
        fprintf(to, ", more %" PRIu64, others);
    fputs(").\n", to);
}

void sealbag_privacy_write(FILE *to, const struct sealbag_privacy *check, bool all,
                           const char *intro)
{
    struct place *places = calloc(check->count + 1, sizeof(*places));
    for (size_t i = 0; places != NULL && i < check->count; i++)
        places[i] = (struct place){&check->findings[i], i};
    if (places != NULL) {
        qsort(places, check->count, sizeof(*places), by_group);
        write_findings(to, places, check->count, all, intro);
    } else {
        for (size_t i = 0; i < check->count; i++)
            fprintf(to, "%s%s [%s]\n", intro, check->findings[i].sentence, check->findings[i].rule);
    }
    free(places);
    uint64_t found = check->count + check->omitted;
    fprintf(to, "%sPrivacy check: %" PRIu64 " %s", intro, found,
            found == 1 ? "finding" : "findings");
    if (check->files > 0)
        fprintf(to, " in %" PRIu64 " of %" PRIu64 " %s", check->files_found, check->files,
                check->files == 1 ? "file" : "files");
    if (check->texts_found > 0)
        fprintf(to, "%s in %" PRIu64 " %s", check->files > 0 ? ", and" : "", check->texts_found,
                check->texts_found == 1 ? "cell of the records or labels"
                                        : "cells of the records or labels");
    if (check->files == 0) { /* only records were looked at */
        fputs(".\n", to);
        return;
    }
    fprintf(to, "; %" PRIu64 " %s looked into.\n", check->examined,
            check->texts_found == 0 ? check->examined == 1 ? "was" : "were"
            : check->examined == 1  ? "file was"
                                    : "files were");
    write_kinds(to, check, intro);
    if (check->encrypted > 0)
        fprintf(to, "%sEncrypted, so that nothing can be seen in them: %" PRIu64 " %s.\n", intro,
                check->encrypted, check->encrypted == 1 ? "file" : "files");
    fprintf(to,
            "%sIt cannot see what texts, pictures and recordings themselves tell: names in prose, "
            "faces, voices, text in\n%spictures, watermarks, a printer's dots; nor how somebody "
            "writes, or who else has the file.\n",
            intro, intro);
    if (check->unconfined)
        fprintf(to,
                "%sThe files were read without a full sandbox, which this system does not offer.\n",
                intro);
}

/* ---- for programs ------------------------------------------------------------------------ */

static void put_field(FILE *to, const char *before, const char *name, const char *value)
{
    fprintf(to, "%s\"%s\":", before, name);
    sb_json_string(to, value);
}

void sealbag_privacy_write_json(FILE *to, const struct sealbag_privacy *check)
{
    fputs("{\"format\":\"sealbag-privacy-1\",\"findings\":[", to);
    for (size_t i = 0; i < check->count; i++) {
        const struct sealbag_privacy_finding *finding = &check->findings[i];
        put_field(to, i > 0 ? ",{" : "{", "rule", finding->rule);
        put_field(to, ",", "file", finding->file);
        put_field(to, ",", "field", finding->field);
        put_field(to, ",", "value", finding->value);
        put_field(to, ",", "sentence", finding->sentence);
        fputc('}', to);
    }
    fprintf(to,
            "],\"omitted\":%" PRIu64 ",\"files\":%" PRIu64 ",\"files_found\":%" PRIu64
            ",\"examined\":%" PRIu64 ",\"encrypted\":%" PRIu64 ",\"confined\":%s,\"not_known\":[",
            check->omitted, check->files, check->files_found, check->examined, check->encrypted,
            check->unconfined ? "false" : "true");
    for (size_t i = 0; i < check->kind_count; i++) {
        put_field(to, i > 0 ? ",{" : "{", "ending", check->kinds[i].ending);
        fprintf(to, ",\"files\":%" PRIu64 "}", check->kinds[i].files);
    }
    fputs("]}\n", to);
}
