/* libarchive reads the tar; the strict parser sees every byte before libarchive does and queues
 * what it finds; each entry that libarchive reports must be the next in the queue. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <iconv.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>

#include "base/rule.h"
#include "container/reader_impl.h"

static int disagree(struct sb_error *error, const char *what)
{
    return sb_rule_error(error, SB_RULE_TAR_DISAGREE,
                         "Two programs would read this bundle differently (%s), so it was made to "
                         "mislead or is damaged. Do not use it.",
                         what);
}

static int enqueue(struct sb_reader *reader, struct sb_error *error)
{
    if (reader->seen_first > 0 && reader->seen_count == reader->seen_cap) {
        reader->seen_count -= reader->seen_first;
        memmove(reader->seen, reader->seen + reader->seen_first,
                reader->seen_count * sizeof(*reader->seen));
        reader->seen_first = 0;
    }
    struct sb_tar_entry *seen =
        sb_array_grow(reader->seen, &reader->seen_cap, reader->seen_count, sizeof(*seen));
    if (seen == NULL)
        return sb_error_memory(error);
    reader->seen = seen;
    struct sb_tar_entry entry = reader->parser.entry;
    entry.path = strdup(entry.path);
    if (entry.path == NULL)
        return sb_error_memory(error);
    seen[reader->seen_count++] = entry;
    return 0;
}

/* Reads more of the tar and shows it to the strict parser. 1, 0 at the end of the input. */
static int pull(struct sb_reader *reader, const uint8_t **bytes, size_t *len,
                struct sb_error *error)
{
    bool gap;
    int r = sb_reader_pull(reader, bytes, len, &gap, error);
    if (r < 0)
        return r;
    if (r == 0)
        return sb_tar_end_of_input(&reader->parser, error);
    for (size_t at = 0; at < *len;) {
        size_t used;
        enum sb_tar_event event;
        r = sb_tar_feed(&reader->parser, *bytes + at, *len - at, &used, &event, error);
        if (r == 0 && event == SB_TAR_ENTRY)
            r = enqueue(reader, error);
        if (r < 0)
            return r;
        at += used;
    }
    return 1;
}

static la_ssize_t read_in(struct archive *archive, void *context, const void **out)
{
    struct sb_reader *reader = context;
    const uint8_t *bytes;
    size_t len;
    int r = pull(reader, &bytes, &len, reader->error);
    if (r < 0) {
        reader->failure = r;
        archive_set_error(archive, -1, "read failed");
        return -1;
    }
    *out = bytes;
    return r == 0 ? 0 : (la_ssize_t)len;
}

void sb_reader_prepare(void)
{
    locale_t locale = newlocale(LC_CTYPE_MASK, "C", (locale_t)0);
    if (locale == (locale_t)0)
        return;
    /* As libarchive will, for the names in extended headers. */
    iconv_t names = iconv_open(nl_langinfo_l(CODESET, locale), "UTF-8");
    if (names != (iconv_t)-1) /* NOLINT(performance-no-int-to-ptr): so says POSIX */
        iconv_close(names);
    freelocale(locale);
}

int sb_second_open(struct sb_reader *reader, struct sb_error *error)
{
    /* In the C locale libarchive keeps the bytes of a pax path; in a UTF-8 one it would turn NFD
     * into NFC, and the name would no longer be the one that was signed. */
    reader->locale = newlocale(LC_CTYPE_MASK, "C", (locale_t)0);
    reader->archive = archive_read_new();
    /* archive_read_next_header would crash when it had no memory for an entry of its own. */
    reader->found = archive_entry_new();
    if (reader->locale == (locale_t)0 || reader->archive == NULL || reader->found == NULL)
        return sb_error_memory(error);
    reader->error = error;
    /* archive_read_open would go on, and crash, when there was no memory for the second of these.
     */
    if (archive_read_support_format_tar(reader->archive) != ARCHIVE_OK ||
        archive_read_set_callback_data(reader->archive, reader) != ARCHIVE_OK ||
        archive_read_set_read_callback(reader->archive, read_in) != ARCHIVE_OK ||
        archive_read_open1(reader->archive) != ARCHIVE_OK) {
        if (reader->failure < 0)
            return reader->failure;
        /* It does not always say that memory was short; a format that it does not know, it says. */
        if (archive_errno(reader->archive) == ENOMEM || archive_errno(reader->archive) == 0)
            return sb_error_memory(error);
        return sb_rule_error(error, SB_RULE_TAR_HEADER,
                             "The input is compressed, but holds no tar. Check that it is "
                             "the right file.");
    }
    return 0;
}

void sb_second_close(struct sb_reader *reader)
{
    if (reader->archive != NULL)
        archive_read_free(reader->archive);
    archive_entry_free(reader->found);
    if (reader->locale != (locale_t)0)
        freelocale(reader->locale);
    for (size_t i = reader->seen_first; i < reader->seen_count; i++)
        free(reader->seen[i].path);
    free(reader->seen);
    free(reader->current.path);
}

static bool ends_in(const char *text, const char *end)
{
    size_t len = strlen(text), n = strlen(end);
    return len >= n && strcmp(text + len - n, end) == 0;
}

/* The one warning that is expected: the C locale cannot show a name that is not ASCII. Its bytes
 * are compared below all the same. */
static bool result_good(struct sb_reader *reader, int result)
{
    if (result == ARCHIVE_OK)
        return true;
    const char *text = archive_error_string(reader->archive);
    return result == ARCHIVE_WARN && text != NULL &&
           ends_in(text, "can't be converted from UTF-8 to current locale.");
}

static int library_error(struct sb_reader *reader, struct sb_error *error)
{
    if (reader->failure < 0)
        return reader->failure;
    if (archive_errno(reader->archive) == ENOMEM)
        return sb_error_memory(error);
    const char *text = archive_error_string(reader->archive);
    char shown[512];
    return sb_rule_error(
        error, SB_RULE_TAR_HEADER, "The tar is damaged (%s).",
        sealbag_text_escape(shown, sizeof(shown), text != NULL ? text : "no reason"));
}

/* libarchive has ended: so must the input, with nothing after it and nothing unseen. */
static int finish(struct sb_reader *reader, struct sb_error *error)
{
    const uint8_t *bytes;
    size_t len;
    int r;
    do {
        r = pull(reader, &bytes, &len, error);
    } while (r > 0);
    if (r < 0)
        return r;
    if (reader->seen_first != reader->seen_count)
        return disagree(error, "one of them finds more files");
    return 0;
}

static int compare(struct sb_reader *reader, struct archive_entry *found, struct sb_error *error)
{
    const struct sb_tar_entry *ours = &reader->current;
    const char *path = archive_entry_pathname(found);
    if (path == NULL || strcmp(path, ours->path) != 0)
        return disagree(error, "a file's name");
    if (archive_entry_filetype(found) != (ours->folder ? AE_IFDIR : AE_IFREG) ||
        archive_entry_hardlink(found) != NULL || archive_entry_symlink(found) != NULL)
        return disagree(error, "a file's type");
    if (archive_entry_size(found) < 0 || (uint64_t)archive_entry_size(found) != ours->size ||
        archive_entry_sparse_count(found) != 0)
        return disagree(error, "a file's size");
    if ((uint64_t)archive_read_header_position(reader->archive) != ours->header_at)
        return disagree(error, "a file's place");
    return 0;
}

int sb_second_next(struct sb_reader *reader, struct sb_tar_entry *entry, struct sb_error *error)
{
    reader->error = error;
    locale_t before = uselocale(reader->locale);
    int result = archive_read_next_header2(reader->archive, reader->found);
    int r = 0;
    if (result == ARCHIVE_EOF) {
        r = reader->failure < 0 ? reader->failure : finish(reader, error);
        uselocale(before);
        return r;
    }
    if (!result_good(reader, result)) {
        r = library_error(reader, error);
    } else if (reader->seen_first == reader->seen_count) {
        r = disagree(error, "one of them finds more files");
    } else {
        free(reader->current.path);
        reader->current = reader->seen[reader->seen_first++];
        reader->given = 0;
        r = compare(reader, reader->found, error);
    }
    uselocale(before);
    *entry = reader->current;
    return r < 0 ? r : 1;
}

int sb_second_data(struct sb_reader *reader, const uint8_t **bytes, size_t *len,
                   struct sb_error *error)
{
    const void *block;
    la_int64_t offset;
    reader->error = error;
    int result = archive_read_data_block(reader->archive, &block, len, &offset);
    if (result == ARCHIVE_EOF) {
        if (reader->given != reader->current.size)
            return disagree(error, "where a file ends");
        return 0;
    }
    if (result != ARCHIVE_OK)
        return library_error(reader, error);
    if (offset < 0 || (uint64_t)offset != reader->given ||
        *len > reader->current.size - reader->given)
        return disagree(error, "where a file's data lies");
    reader->given += *len;
    *bytes = block;
    return 1;
}
