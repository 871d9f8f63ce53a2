/* The privacy check: which files are looked into, and what was found, as sentences. */
#include "op/privacy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "op/heads.h"
#include "op/privacy_process.h"

enum { SECONDS = 20, VALUE_SHOWN = 80, TEXT_MAX = 64 << 20 };

/* What the findings point to. */
struct sealbag_privacy_store {
    struct sb_arena strings;
    size_t cap, bytes;
};

struct checking {
    struct sealbag_privacy *check;
    const struct sb_source *source;
    struct sb_privacy_process process;
    struct sb_tree tree;
    uint32_t root;         /* that the tree is of */
    struct sb_buf name;    /* of the file that is being looked into, as the user would name it */
    const char *kept_name; /* in the store, once there is a finding in it */
    struct sealbag_progress now;
    sealbag_progress_fn progress;
    void *progress_context;
    bool in_text; /* not in a file: in a label or a record */
    bool found, no_memory;
};

/* ---- findings ---------------------------------------------------------------------------- */

static const struct {
    const char *rule, *sentence;
} rules[] = {
#define ROW(name, rule, sentence, text) {rule, sentence},
    SB_PRIVACY_RULES(ROW)
#undef ROW
};

static int open_store(struct sealbag_privacy *check)
{
    if (check->store == NULL)
        check->store = calloc(1, sizeof(*check->store));
    return check->store != NULL ? 0 : SEALBAG_ERR_MEMORY;
}

static const char *keep(struct sealbag_privacy_store *store, const struct sb_buf *text)
{
    store->bytes += text->len;
    return sb_arena_copy(&store->strings, text->len > 0 ? text->data : (const uint8_t *)"",
                         text->len);
}

/* Escaped, without its middle when it is long. */
static int shorten(struct sb_buf *out, const char *value, size_t len)
{
    size_t shown = len;
    if (len > VALUE_SHOWN) {
        shown = VALUE_SHOWN;
        while (shown > 0 && ((unsigned char)value[shown] & 0xc0) == 0x80)
            shown--; /* not within a character */
    }
    int r = sb_text_escape(out, value, shown);
    return r == 0 && shown < len ? sb_buf_puts(out, "...") : r;
}

static int compose(struct sb_buf *out, enum sb_privacy_rule rule, const char *name,
                   const struct sb_buf *field, const struct sb_buf *value)
{
    int r = sb_text_escape(out, name, strlen(name));
    if (r == 0 && field->len == 0)
        return sb_buf_printf(out, " %s.", value->len > 0 ? (const char *)value->data : "");
    if (r == 0 && rule == SB_PRIVACY_USER_NAME && strcmp(name, (const char *)value->data) == 0)
        return sb_buf_printf(out, ": %s %s.", (const char *)field->data, rules[rule].sentence);
    return r < 0 ? r
                 : sb_buf_printf(out, ": %s %s: \"%s\".", (const char *)field->data,
                                 rules[rule].sentence,
                                 value->len > 0 ? (const char *)value->data : "");
}

/* A finding; field and value are raw, and a field of NULL means the whole file. */
static int add(struct checking *checking, enum sb_privacy_rule rule, const char *field,
               const char *value, size_t len)
{
    struct sealbag_privacy *check = checking->check;
    struct sealbag_privacy_store *store = check->store;
    checking->found = true;
    if (store->bytes > TEXT_MAX) {
        check->omitted++;
        return 0;
    }
    struct sealbag_privacy_finding *grown =
        sb_array_grow(check->findings, &store->cap, check->count, sizeof(*grown));
    struct sb_buf shown_field = {0}, shown_value = {0}, sentence = {0};
    if (grown == NULL)
        return SEALBAG_ERR_MEMORY;
    check->findings = grown;
    const char *name = (const char *)checking->name.data;
    int r = field != NULL ? sb_text_escape(&shown_field, field, strlen(field)) : 0;
    if (r == 0) /* what is said of the whole file are words of sealbag's own */
        r = field != NULL ? shorten(&shown_value, value, len)
                          : sb_text_escape(&shown_value, value, len);
    if (r == 0)
        r = compose(&sentence, rule, name, &shown_field, &shown_value);
    if (r == 0 && checking->kept_name == NULL)
        checking->kept_name = keep(store, &checking->name);
    struct sealbag_privacy_finding *finding = &grown[check->count];
    if (r == 0)
        *finding = (struct sealbag_privacy_finding){
            .rule = rules[rule].rule,
            .in_text = checking->in_text,
            .file = checking->kept_name,
            .field = keep(store, &shown_field),
            .value = field != NULL ? keep(store, &shown_value) : "",
            .sentence = keep(store, &sentence),
        };
    if (r == 0 && finding->file != NULL && finding->field != NULL && finding->value != NULL &&
        finding->sentence != NULL)
        check->count++;
    else
        r = SEALBAG_ERR_MEMORY;
    sb_buf_free(&shown_field);
    sb_buf_free(&shown_value);
    sb_buf_free(&sentence);
    return r;
}

static void on_found(void *context, enum sb_privacy_rule rule, const char *field, const void *value,
                     size_t len)
{
    struct checking *checking = context;
    if (add(checking, rule, field, value, len) < 0)
        checking->no_memory = true;
}

static int unreadable(struct checking *checking, const char *why)
{
    return add(checking, SB_PRIVACY_UNREADABLE, NULL, why, strlen(why));
}

/* ---- files that are not looked into ------------------------------------------------------- */

static void count_kind(struct sealbag_privacy *check, const char *path)
{
    char ending[sizeof(check->kinds[0].ending)] = "";
    const char *slash = strrchr(path, '/'), *dot = strrchr(slash != NULL ? slash : path, '.');
    size_t len = dot != NULL ? strlen(dot) : 0;
    bool plain = len > 1 && len < sizeof(ending) && dot != path && dot[-1] != '/';
    for (size_t i = 1; plain && i < len; i++) {
        char c = dot[i];
        plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        ending[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    ending[0] = plain ? '.' : 0;
    size_t i = 0;
    while (i < check->kind_count && strcmp(check->kinds[i].ending, ending) != 0)
        i++;
    if (i == SEALBAG_PRIVACY_KINDS - 1 && i == check->kind_count)
        ending[0] = 0; /* the last place is for all others */
    if (i == SEALBAG_PRIVACY_KINDS)
        i--;
    if (i == check->kind_count) {
        memcpy(check->kinds[i].ending, ending, sizeof(ending));
        check->kinds[i].files = 0;
        check->kind_count++;
    }
    check->kinds[i].files++;
}

static int by_files(const void *a, const void *b)
{
    const struct sealbag_privacy_kind *left = a, *right = b;
    if (left->files != right->files)
        return left->files < right->files ? 1 : -1;
    return strcmp(left->ending, right->ending);
}

/* ---- one file ---------------------------------------------------------------------------- */

static const struct sb_privacy_sink *sink_of(struct sb_privacy_sink *sink,
                                             struct checking *checking)
{
    *sink = (struct sb_privacy_sink){.found = on_found,
                                     .context = checking,
                                     .names = checking->check->names,
                                     .name_count = checking->check->name_count};
    return sink;
}

static int look_into(struct checking *checking, const struct sb_source_file *file, int fd,
                     enum sb_privacy_kind kind, struct sb_error *error)
{
    static const char *const why[SB_PRIVACY_RESULTS] = {
        [SB_PRIVACY_MALFORMED] = "could not be examined in full: it is damaged, or not what it "
                                 "begins as",
        [SB_PRIVACY_LIMIT] = "could not be examined in full: there is too much in it",
        [SB_PRIVACY_FAILED] = "could not be examined: a library was not there or did not work, or "
                              "there was not enough memory",
    };
    static const char *const trouble_why[] = {
        [SB_TROUBLE_CRASH] = "could not be examined: the process that looked into it crashed, and "
                             "the file may have been made to do that",
        [SB_TROUBLE_TIME] = "could not be examined in the time that there is for a file",
    };
    struct sb_privacy_sink sink;
    enum sb_privacy_result result = SB_PRIVACY_EXAMINED;
    enum sb_privacy_trouble trouble;
    int r = sb_privacy_process_examine(&result, &trouble, &checking->process, fd, kind,
                                       sink_of(&sink, checking), error);
    if (r < 0)
        return r;
    if (trouble != SB_TROUBLE_NONE)
        r = unreadable(checking, trouble_why[trouble]);
    else if (why[result] != NULL)
        r = unreadable(checking, why[result]);
    if (trouble == SB_TROUBLE_NONE && result == SB_PRIVACY_UNKNOWN)
        count_kind(checking->check, file->bag_path);
    else
        checking->check->examined++;
    checking->check->encrypted += trouble == SB_TROUBLE_NONE && result == SB_PRIVACY_ENCRYPTED;
    return r < 0 ? sb_error_memory(error) : 0;
}

static int read_error(struct checking *checking, int reason, struct sb_error *error)
{
    return sb_error_errno(error, reason, "examine", (const char *)checking->name.data);
}

/* A file that may tell something, or that could not be opened before: too many may have been open.
 */
static int open_and_look(struct checking *checking, const struct sb_source_file *file, uint8_t kind,
                         struct sb_error *error)
{
    uint8_t head[SB_PRIVACY_HEAD];
    struct stat status = {0};
    int fd = sb_heads_open(&checking->tree, &checking->root, checking->source, file);
    int r = fd < 0 || fstat(fd, &status) < 0 ? read_error(checking, errno, error) : 0;
    if (r == 0 && !S_ISREG(status.st_mode)) {
        kind = SB_KIND_NONE; /* it was one when it was walked: whoever reads it will tell */
    } else if (r == 0 && kind == SB_HEAD_NOT_OPENED) {
        ssize_t n = pread(fd, head, sizeof(head), 0);
        if (n < 0)
            r = read_error(checking, errno, error);
        else
            kind = (uint8_t)sb_privacy_kind_of(head, (size_t)n);
    }
    if (r == 0 && kind == SB_KIND_NONE)
        count_kind(checking->check, file->bag_path);
    else if (r == 0)
        r = look_into(checking, file, fd, (enum sb_privacy_kind)kind, error);
    if (fd >= 0)
        close(fd);
    return r;
}

static void on_told(void *context, enum sb_privacy_rule rule, const char *field, const void *value,
                    size_t len)
{
    (void)rule;
    (void)field;
    (void)value;
    (void)len;
    *(bool *)context = true;
}

static bool name_tells(const struct checking *checking, const char *path)
{
    bool told = false;
    const struct sb_privacy_sink sink = {.found = on_told,
                                         .context = &told,
                                         .names = checking->check->names,
                                         .name_count = checking->check->name_count};
    sb_privacy_scan_name(&sink, path);
    return told;
}

static int check_file(struct checking *checking, const struct sb_source_file *file, uint8_t kind,
                      struct sb_error *error)
{
    struct sb_privacy_sink sink;
    const char *path = sb_source_path(checking->source, file);
    const char *left_behind = sb_privacy_left_behind(path);
    /* Most files: there is nothing to say. */
    if (kind == SB_KIND_NONE && left_behind == NULL && !name_tells(checking, path)) {
        count_kind(checking->check, file->bag_path);
        return 0;
    }
    checking->name.len = 0;
    checking->kept_name = NULL;
    checking->found = false;
    if (sb_source_name_of(&checking->name, checking->source, file->root, file->bag_path) < 0)
        return sb_error_memory(error);
    sb_privacy_scan_name(sink_of(&sink, checking), path);
    if (left_behind != NULL)
        on_found(checking, SB_PRIVACY_LEFT_BEHIND, NULL, left_behind, strlen(left_behind));
    int r = 0;
    if (kind == SB_KIND_NONE)
        count_kind(checking->check, file->bag_path);
    else
        r = open_and_look(checking, file, kind, error);
    checking->check->files_found += checking->found;
    return r == 0 && checking->no_memory ? sb_error_memory(error) : r;
}

/* ---- all --------------------------------------------------------------------------------- */

static bool on_tick(void *context)
{
    struct checking *checking = context;
    return checking->progress == NULL ||
           checking->progress(checking->progress_context, &checking->now) == 0;
}

int sb_privacy_source(struct sealbag_privacy *check, const struct sb_source *source,
                      const uint8_t *kinds, sealbag_progress_fn progress, void *progress_context,
                      struct sb_error *error)
{
    struct checking checking = {
        .check = check,
        .source = source,
        .root = UINT32_MAX,
        .process = {.names = check->names,
                    .name_count = check->name_count,
                    .seconds = check->seconds > 0 ? check->seconds : SECONDS,
                    .tick = on_tick,
                    .tick_context = &checking},
        .now = {.files_total = source->count},
        .progress = progress,
        .progress_context = progress_context,
    };
    int r = open_store(check) < 0 ? sb_error_memory(error) : 0;
    sb_tree_init(&checking.tree, -1);
    check->files += source->count;
    for (size_t i = 0; r == 0 && i < source->count; i++) {
        r = check_file(&checking, &source->files[i], kinds[i], error);
        checking.now.files++;
        if (r == 0 && (i % 64 == 0 || kinds[i] != SB_KIND_NONE) && !on_tick(&checking))
            r = sb_error_set(error, SEALBAG_ERR_CANCELLED, "Stopped, as asked.");
    }
    sb_privacy_process_stop(&checking.process);
    check->unconfined |= checking.process.unconfined;
    qsort(check->kinds, check->kind_count, sizeof(check->kinds[0]), by_files);
    sb_tree_close(&checking.tree);
    sb_buf_free(&checking.name);
    return r;
}

bool sb_privacy_text_tells(const struct sealbag_privacy *check, const char *text)
{
    bool told = false;
    const struct sb_privacy_sink sink = {
        .found = on_told, .context = &told, .names = check->names, .name_count = check->name_count};
    if (check->name_count > 0 || sb_privacy_may_tell(text))
        sb_privacy_scan(&sink, "", text, strlen(text));
    return told;
}

int sb_privacy_text(struct sealbag_privacy *check, const char *file, const char *field,
                    const char *text, struct sb_error *error)
{
    struct checking checking = {.check = check, .in_text = true};
    struct sb_privacy_sink sink;
    if (open_store(check) < 0 || sb_buf_puts(&checking.name, file) < 0)
        return sb_error_memory(error);
    sb_privacy_scan(sink_of(&sink, &checking), field, text, strlen(text));
    check->texts_found += checking.found;
    sb_buf_free(&checking.name);
    return checking.no_memory ? sb_error_memory(error) : 0;
}

/* What is no file that can be read: it is not examined, and would not be sealed. */
static int tell_omissions(struct sealbag_privacy *check, const struct sb_source *source,
                          struct sb_error *error)
{
    struct checking checking = {.check = check};
    int r = 0;
    for (size_t i = 0; r == 0 && i < source->omission_count; i++) {
        const struct sb_omission *omission = &source->omissions[i];
        const char *path = omission->bag_path;
        struct sb_buf why = {0};
        checking.name.len = 0;
        checking.kept_name = NULL;
        r = source->root_count == 1
                ? sb_source_name_of(&checking.name, source, 0, path)
                : sb_buf_puts(&checking.name, strncmp(path, "data/", 5) == 0 ? path + 5 : path);
        if (r == 0)
            r = sb_buf_printf(&why, "was not examined: %s", omission->why);
        if (r == 0)
            r = unreadable(&checking, (const char *)why.data);
        sb_buf_free(&why);
    }
    sb_buf_free(&checking.name);
    return r < 0 ? sb_error_memory(error) : 0;
}

int sealbag_privacy_check(struct sealbag_privacy *check, const char *const *sources, size_t count,
                          sealbag_progress_fn progress, void *progress_context,
                          struct sb_error *error)
{
    struct sb_source source = {0};
    struct sb_pool *pool = NULL;
    uint8_t *kinds = NULL;
    int r = sb_pool_new(&pool, check->jobs, error);
    if (r == 0)
        r = sb_source_walk(&source, "files", sources, count, pool, error);
    if (r == 0)
        r = sb_heads_read(&kinds, &source, pool, error);
    sb_pool_free(pool);
    if (r == 0)
        r = sb_privacy_source(check, &source, kinds, progress, progress_context, error);
    if (r == 0)
        r = tell_omissions(check, &source, error);
    free(kinds);
    sb_source_free(&source);
    return r;
}

void sealbag_privacy_free(struct sealbag_privacy *check)
{
    if (check->store != NULL)
        sb_arena_free(&check->store->strings);
    free(check->store);
    free(check->findings);
    check->store = NULL;
    check->findings = NULL;
    check->count = 0;
}
